//! A run as a report: one model for programs, Markdown for people, and the author's own templates. Pure functions of a run's
//! view: made again from the journal at any later time they give the same.

pub mod chart;
pub mod document;
pub mod explain;
pub mod html;
pub mod markdown;
pub mod markup;
pub mod model;
pub mod page;
pub mod samples;
pub mod sections;
pub mod table;
pub mod template;
pub mod words;
