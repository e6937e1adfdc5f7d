//! From a run to its report in Markdown and JSON, and through templates: pure.
