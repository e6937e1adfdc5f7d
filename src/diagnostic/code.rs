//! The public catalogue of codes. A number, once released, keeps its meaning for ever.
//!
//! Blocks: `RB00xx` text and syntax · `RB01xx` names and flow · `RB02xx` types and units · `RB03xx` words, arguments and
//! options · `RB04xx` effects and shell bodies · `RB05xx` structure, keys and prompts · `RB06xx` time and windows ·
//! `RB07xx` objectives and metrics · `RB08xx` inputs: files, parameters, answers, templates · `RB09xx` journal and runs.

use super::page;
use crate::text::Lang;

/// Declares the codes; each has a page `codes/RBnnnn.md`, which begins with its title in English and in Chinese and goes on
/// so: each paragraph twice, each example once.
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

            /// Its page as it is written, with both languages in it.
            pub fn written(self) -> &'static str {
                match self { $(Code::$name => include_str!(concat!("codes/", stringify!($name), ".md")),)* }
            }
        }
    };
}

codes! {
    RB0001 "the text could not be read as a statement" "无法识别为语句"
    RB0002 "the file is not UTF-8" "文件不是 UTF-8 编码"
    RB0003 "a control character in the text" "文本中有控制字符"
    RB0004 "the file is too large" "文件过大"
    RB0005 "the file holds no runbook" "文件中没有 runbook"
    RB0006 "a string is not closed on its line" "字符串在本行没有结束"
    RB0007 "a bracket is not closed" "括号没有闭合"
    RB0008 "a closing bracket closes nothing" "多余的右括号"
    RB0009 "a heredoc has no end" "heredoc 没有结束标记"
    RB0010 "a heredoc is not written like this" "heredoc 的写法不对"
    RB0011 "an unknown escape in a string" "字符串中有未知的转义"
    RB0012 "an interpolation cannot be read" "插值无法识别"
    RB0013 "a regular expression cannot be read" "正则表达式无法识别"
    RB0014 "a number is not written like this" "数字的写法不对"
    RB0015 "a comma at the end of a line" "行尾多了逗号"
    RB0016 "a comma is missing" "缺少逗号"
    RB0017 "an argument stands after an option" "参数写在了选项之后"
    RB0018 "a block has no `end`" "语句块缺少 end"
    RB0019 "an `end` closes nothing" "多余的 end"
    RB0020 "an `end` does not stand under its block" "end 没有与语句块对齐"
    RB0021 "a block has no `do`" "语句块缺少 do"
    RB0022 "this statement has no block" "该语句不带语句块"
    RB0023 "an `else` or `elsif` without its `if`" "else 或 elsif 没有对应的 if"
    RB0024 "comparisons cannot be chained" "比较不能连写"
    RB0025 "nested too deeply" "嵌套过深"
    RB0026 "a statement is too long" "语句过长"
    RB0027 "more than one statement on a line" "一行有多个语句"
    RB0028 "a full-width or invisible character" "全角字符或不可见字符"
    RB0029 "a control word of Ruby" "Ruby 的控制语句"
    RB0030 "an assignment" "赋值语句"
    RB0031 "`and`, `or` or `not`" "and、or 或 not"
    RB0032 "a symbol or a hash rocket" "符号（:name）或 =>"
    RB0033 "a block in braces or with parameters" "花括号语句块或块参数"
    RB0034 "a lambda or a percent literal" "lambda 或 % 字面量"
    RB0035 "an operator that the language does not have" "语言中没有的运算符"
    RB0036 "a method of Ruby" "Ruby 的方法"
    RB0037 "a condition behind a statement" "语句后置条件"
    RB0038 "a runbook of the Ruby gem" "Ruby gem 的 runbook"
    RB0039 "this cannot be a name" "不能作为名称"
    RB0040 "a word of Ruby as a name" "Ruby 关键字不能作为名称"
    RB0041 "a value is missing" "缺少值"
    RB0042 "parentheses in the wrong place" "括号的位置不对"
    RB0101 "unknown name" "未知的名字"
    RB0102 "the name is declared twice" "名字重复声明"
    RB0103 "the name may not be assigned on a path that leads here" "到达此处的某条路径上该名字可能尚未赋值"
    RB0104 "the name is reserved" "保留名字"
    RB0105 "there is no such field" "没有这个字段"
    RB0106 "the value may be null" "该值可能为 null"
    RB0107 "the name is local to another block" "该名字只属于另一个块"
    RB0108 "this is never reached" "此处永远不会执行到"
    RB0109 "scenarios run each other in a circle" "场景互相循环调用"
    RB0110 "no such thing is declared" "没有声明此对象"
    RB0111 "the value is not known when the run begins" "运行开始时该值尚未知"
    RB0112 "nothing reads this name" "声明后从未使用"
    RB0113 "another branch binds this name" "该名字由同时执行的另一分支绑定"
    RB0201 "the type does not fit" "类型不符"
    RB0202 "the units do not fit" "单位不符"
    RB0203 "the operator does not take these" "运算符不适用于这些类型"
    RB0204 "the number with its unit could not be read" "无法识别的带单位数字"
    RB0205 "a secret cannot stand here" "此处不能使用密钥"
    RB0206 "the pattern is not valid" "模式无效"
    RB0207 "unknown function" "未知函数"
    RB0208 "the function does not take these arguments" "函数参数不符"
    RB0209 "no such member" "没有这个取值"
    RB0210 "the value must be known before the run" "该值必须在运行前已知"
    RB0211 "unknown type" "未知类型"
    RB0212 "the value is out of range" "值超出范围"
    RB0301 "unknown word" "未知的语句词"
    RB0302 "the statement cannot stand here" "语句不能放在此处"
    RB0303 "an argument is missing" "缺少参数"
    RB0304 "an argument too many" "参数过多"
    RB0305 "unknown option" "未知选项"
    RB0306 "the option stands twice" "选项重复"
    RB0307 "a required option is missing" "缺少必需选项"
    RB0308 "the forms of a statement are mixed" "语句的几种形式混用"
    RB0311 "no such choice of words" "没有这个可选词"
    RB0312 "a name is needed here" "此处需要一个名字"
    RB0313 "the option means nothing here" "选项在此处没有意义"
    RB0315 "the statement may stand only once" "语句只能出现一次"
    RB0316 "the block is empty" "块为空"
    RB0401 "a value cannot be put in safely here" "此处无法安全地插入值"
    RB0402 "a quote in the command is not closed" "命令中的引号未闭合"
    RB0403 "a secret in the text of a command" "命令文本中有密钥"
    RB0404 "a list inside a quoted word" "引号内的列表"
    RB0405 "the command follows forever and has no time-out" "命令会一直跟随且没有时限"
    RB0406 "the reader of a pipe leaves early" "管道的读者提前退出"
    RB0407 "a command within ssh is evaluated twice" "ssh 内的命令会被解释两次"
    RB0408 "other exit codes hide a failed stage of a pipeline" "放宽退出码会掩盖管道中失败的一级"
    RB0409 "a count by grep fails where it counts nothing" "grep 计数为零时会失败"
    RB0410 "only reads may stand here" "此处只能有读操作"
    RB0411 "a precheck after a write" "写操作之后的 precheck"
    RB0412 "a write without an undo" "没有 undo 的写操作"
    RB0413 "text is put into the command as it is" "文本未加引号直接插入命令"
    RB0414 "a value is made anew each time the command runs" "每次执行命令都会重新求值"
    RB0415 "the class of effect is narrowed" "影响级别被调低"
    RB0416 "a file is copied onto itself" "文件复制到自身"
    RB0501 "the key stands twice in its block" "同一块中键重复"
    RB0502 "a prompt without a key of its own" "问题没有自己的键"
    RB0503 "a deadline without a way out" "有时限却没有出路"
    RB0504 "an undo outside a step" "undo 不在步骤内"
    RB0505 "the file is not one runbook" "文件不是恰好一个 runbook"
    RB0506 "the event can never fire" "该事件永远不会发生"
    RB0507 "the block is in the wrong order" "块内次序不对"
    RB0508 "nothing runs or measures this" "没有任何语句执行或评估它"
    RB0509 "this cannot stand beside others that run at once" "不能放在同时执行的分支或循环中"
    RB0601 "the date or time could not be read" "无法识别的日期或时间"
    RB0602 "the weekday is not that of the date" "星期与日期不符"
    RB0603 "the window has no length" "时间窗口不成立"
    RB0604 "the sections are out of order" "章节时间次序不对"
    RB0605 "the time lies outside the window" "时间在窗口之外"
    RB0606 "a blank was left unfilled" "留有未填的空白"
    RB0650 "the selector is not valid" "选择器无效"
    RB0651 "the form of the value is not complete" "取值形式不完整"
    RB0652 "the unit of the bound does not fit" "界限的单位不符"
    RB0653 "the objective contradicts itself" "目标自相矛盾"
    RB0654 "a part of the objective is missing" "目标缺少组成部分"
    RB0700 "the PromQL expression cannot be read" "无法识别 PromQL 表达式"
    RB0701 "PromQL has no function or variable of this name" "PromQL 没有这个函数或变量"
    RB0702 "this part of PromQL is not supported" "不支持 PromQL 的这一部分"
    RB0703 "a PromQL expression has the wrong type" "PromQL 表达式的类型不对"
    RB0704 "a PromQL function has the wrong number of arguments" "PromQL 函数的参数个数不对"
    RB0705 "labels or bool of a PromQL operator do not fit" "PromQL 运算符的标签或 bool 用法不对"
    RB0706 "a PromQL range, offset or time is in the wrong place" "PromQL 的范围、offset 或 @ 位置不对"
    RB0707 "a PromQL selector cannot be used" "PromQL 选择器不可用"
    RB0708 "a PromQL number or duration is out of bounds" "PromQL 的数或时长超出范围"
    RB0709 "the PromQL expression is too large" "PromQL 表达式过大"
    RB0710 "a PromQL range is too short for the sampling interval" "PromQL 的范围短于采样间隔所需"
    RB0750 "HELP, TYPE or UNIT of a metric stands twice" "指标的 HELP、TYPE 或 UNIT 重复"
    RB0751 "HELP, TYPE or UNIT after the metric's first sample" "HELP、TYPE 或 UNIT 写在样本之后"
    RB0752 "the samples of a metric do not stand together" "同一指标的样本没有写在一起"
    RB0753 "one series stands twice" "同一时间序列出现两次"
    RB0754 "a sample's name does not fit the type of its metric" "样本名与指标类型不符"
    RB0755 "a metric's name is that of another one's sample" "指标名与另一指标的样本名冲突"
    RB0756 "a bucket or a quantile without its bound" "桶或分位数缺少界限"
    RB0757 "buckets or quantiles that contradict each other" "桶或分位数相互矛盾"
    RB0758 "an escape that does not exist" "不存在的转义"
    RB0759 "a line break within a label" "标签值中有换行"
    RB0760 "no comma between labels" "标签之间缺少逗号"
    RB0761 "the last line does not end" "最后一行没有换行符"
    RB0762 "a value that the metric's type cannot have" "指标类型不允许的值"
    RB0763 "an exemplar that may not stand there" "此处不允许的 exemplar"
    RB0764 "times that do not go forward" "时间戳没有递增"
    RB0765 "a time that does not fit the clock" "与时钟不符的时间"
    RB0801 "the template does not exist" "模板不存在"
    RB0802 "the template could not be read" "无法解析模板"
    RB0803 "the template names what the runbook does not have" "模板引用了 runbook 中没有的名称"
    RB0840 "the answers file could not be read" "无法读取答复文件"
    RB0841 "an answer belongs to no prompt" "答复没有对应的问题"
    RB0842 "an answer does not fit its prompt" "答复与问题不符"
    RB0850 "the scenario file of a simulation could not be read" "无法读取模拟场景文件"
    RB0851 "metrics could not be read" "无法读取指标"
    RB0852 "there is no such code" "没有这个编号"
    RB0860 "there is no parameter of this name" "没有这个参数"
    RB0861 "a parameter is given twice" "参数重复给出"
    RB0862 "the value of a parameter does not fit" "参数值不符合要求"
    RB0863 "a parameter has no value" "参数没有值"
    RB0864 "the environment is missing or not known" "环境缺失或未知"
    RB0865 "a secret is not there" "缺少密钥"
    RB0866 "a parameters file could not be read" "无法读取参数文件"
    RB0867 "an argument of the command line is not right" "命令行参数有误"
    RB0868 "a file cannot be read" "无法读取文件"
    RB0869 "there is no such scenario" "没有这个模拟场景"
    RB0901 "a record of the journal does not verify" "日志记录校验失败"
    RB0902 "a record of the journal is not where it belongs" "日志记录不连续"
    RB0903 "the journal is of a form that this version does not know" "日志格式无法识别"
    RB0904 "the replay does not agree with the journal" "重放与日志不一致"
    RB0905 "there is no such run" "没有这个运行"
    RB0906 "the run has another executor" "该运行正由其他进程执行"
    RB0907 "a target is locked by another run" "目标已被其他运行锁定"
    RB0908 "the state folder cannot be read or written" "状态目录无法读写"
    RB0909 "a file beside the journal is missing or not as it was written" "日志附件缺失或被改动"
    RB0910 "the runbook was changed in a way that the run cannot go on with" "runbook 的改动使运行无法继续"
    RB0911 "the run is over" "运行已结束"
    RB0912 "the prompt does not wait for an answer" "该问题没有在等待答复"
    RB0913 "the run has no such number" "运行中没有这个数值"
    RB0914 "this version does not accept the runbook of the run" "本版本不接受该次运行的 runbook"
}

impl Code {
    /// Its page in one language, as Markdown: its title, what it means, an example, the way out.
    pub fn page(self, lang: Lang) -> String {
        page::in_language(self.written(), lang)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
