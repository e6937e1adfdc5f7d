//! A report as a document: sections of tables, lists and commands, before it is Markdown or HTML. What it says is decided
//! once; how it looks is the affair of each form.

/// A text and where it comes from, which decides how far it is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// From outside: nothing in it is markup; a new line stays one.
    Outside(String),
    /// Our own words and numbers.
    Ours(String),
    /// Commands, keys, hashes.
    Code(String),
    /// One behind the other.
    Spaced(Vec<Text>),
    /// So many steps to the right.
    Indented(u32, Box<Text>),
}

impl Text {
    /// See [`Text::Outside`].
    pub fn outside(text: &str) -> Self {
        Self::Outside(text.to_owned())
    }

    /// See [`Text::Ours`].
    pub fn ours(text: impl Into<String>) -> Self {
        Self::Ours(text.into())
    }

    /// See [`Text::Code`].
    pub fn code(text: &str) -> Self {
        Self::Code(text.to_owned())
    }
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Rows under their heading.
    Table {
        /// The heading.
        head: Vec<Text>,
        /// As many cells a row.
        rows: Vec<Vec<Text>>,
    },
    /// A line.
    Says(Text),
    /// Lines of equal rank.
    List(Vec<Text>),
    /// Lines with numbers, each with lines of its own.
    Numbered(Vec<(Text, Vec<Text>)>),
    /// Whole commands by the key of their statement.
    Commands {
        /// What they are.
        heading: String,
        /// Key and text.
        all: Vec<(String, String)>,
    },
}

impl Block {
    /// Nothing is in it.
    fn is_empty(&self) -> bool {
        match self {
            Self::Table { rows, .. } => rows.is_empty(),
            Self::Says(_) => false,
            Self::List(lines) => lines.is_empty(),
            Self::Numbered(lines) => lines.is_empty(),
            Self::Commands { all, .. } => all.is_empty(),
        }
    }
}

/// A part of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: Text,
    /// What it holds.
    pub blocks: Vec<Block>,
    /// The observation that it begins with, by its place in the run's view: a page draws its chart here.
    pub observation: Option<usize>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: Text,
    /// What is said before everything else.
    pub warning: Option<String>,
    /// The facts of the run.
    pub facts: Block,
    /// Its sections; none is empty.
    pub sections: Vec<Section>,
}

impl Document {
    /// Adds a section, unless there is nothing in it.
    pub fn section(&mut self, heading: &str, blocks: Vec<Block>, observation: Option<usize>) {
        if !blocks.iter().all(Block::is_empty) {
            self.sections.push(Section { heading: Text::outside(heading), blocks, observation });
        }
    }
}
