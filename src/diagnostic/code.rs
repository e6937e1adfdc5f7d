//! The public catalogue of codes. A number, once released, keeps its meaning for ever.
//!
//! Blocks: `RB00xx` text and syntax · `RB01xx` names and flow · `RB02xx` types and units · `RB03xx` words, arguments and
//! options · `RB04xx` effects and shell bodies · `RB05xx` structure, keys and prompts · `RB06xx` time and windows ·
//! `RB07xx` objectives and metrics · `RB08xx` inputs: files, parameters, answers, templates · `RB09xx` journal and runs.

/// Declares the codes; each has a page `codes/RBnnnn.md`, which begins with its title in English and in Chinese.
macro_rules! codes {
    ($($name:ident $en:literal $zh:literal)*) => {
        /// A code of the catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $en] $name,)*
        }

        impl Code {
            /// All of them, in order.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// As it is printed: `RB0101`.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => stringify!($name),)* }
            }

            /// Its title in English.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $en,)* }
            }

            /// Its title in Chinese.
            pub fn title_zh(self) -> &'static str {
                match self { $(Code::$name => $zh,)* }
            }

            /// Its page: what it means, an example, the way out.
            pub fn page(self) -> &'static str {
                match self { $(Code::$name => include_str!(concat!("codes/", stringify!($name), ".md")),)* }
            }
        }
    };
}

codes! {
    RB0001 "the text could not be read as a statement" "无法识别为语句"
    RB0850 "the scenario file of a simulation could not be read" "无法读取模拟场景文件"
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
