//! What can be wrong with a row, in both languages, each with its remedy.

use serde::{Deserialize, Serialize};

/// The language a fault is told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tongue {
    #[default]
    Zh,
    En,
}

/// A fault of one cell, or of the whole row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Line of the file where the row begins, or place in a list; counted from 1.
    pub line: u64,
    /// Header of the column as it was written; empty where the row as a whole is meant.
    pub column: String,
    pub code: FaultCode,
    /// What stood there, or the particular that the code names.
    pub given: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $slug:literal $zh:literal $zh_remedy:literal $en:literal $en_remedy:literal;)*) => {
        /// Which fault. `{}` in its words stands for what was given.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum FaultCode {
            $($(#[$doc])* $name,)*
        }

        impl FaultCode {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// As in the database and the API.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            fn words(self, tongue: Tongue) -> (&'static str, &'static str) {
                match (self, tongue) {
                    $((Self::$name, Tongue::Zh) => ($zh, $zh_remedy), (Self::$name, Tongue::En) => ($en, $en_remedy),)*
                }
            }
        }
    };
}

codes! {
    /// A required cell is empty.
    Empty "empty"
        "为空" "请为每位客户填写本列"
        "is empty" "give every customer one";
    /// No number at all.
    NoNumber "no_number"
        "没有电话号码" "请至少填写一个号码"
        "there is no number to call" "give at least one number";
    /// Not a telephone number.
    NumberUnreadable "number_unreadable"
        "“{}”不是电话号码" "请写成 13800138000、010-88886666 或 +8613800138000"
        "\"{}\" is not a telephone number" "give it as 13800138000, 010-88886666 or +8613800138000";
    /// No such number can exist.
    NumberImpossible "number_impossible"
        "“{}”位数不对或号段未分配" "请与客户核对号码"
        "\"{}\" is too long, too short or of an unassigned range" "check the digits with the customer";
    /// Rounded by a spreadsheet.
    NumberRounded "number_rounded"
        "“{}”被电子表格改成了科学计数" "请把该列设为文本格式后重新填写"
        "\"{}\" was rounded by a spreadsheet" "format the column as text and fill it in again";
    /// 110, 119, 120, 122 and their like.
    NumberEmergency "number_emergency"
        "“{}”是紧急号码" "请填写客户本人的号码"
        "\"{}\" is an emergency number" "give the customer's own number";
    /// A company's short service number.
    NumberService "number_service"
        "“{}”是短号服务号码，不是客户的电话" "请填写客户本人的号码"
        "\"{}\" is a short service number, nobody's telephone" "give the customer's own number";
    /// Calls to it cost extra.
    NumberPremium "number_premium"
        "“{}”是收费声讯号码" "请填写客户本人的号码"
        "\"{}\" is a premium-rate number" "give the customer's own number";
    /// No language tag.
    Language "language"
        "“{}”不是语言" "请写 zh、en，或中文、英语、粤语"
        "\"{}\" is no language tag" "give one such as zh or en";
    /// No time zone.
    TimeZone "time_zone"
        "“{}”不是时区" "请写 Asia/Shanghai 或 Asia/Urumqi 这样的名称"
        "\"{}\" is no time zone" "give one such as Asia/Shanghai or Asia/Urumqi";
    /// No date.
    Date "date"
        "“{}”不是日期" "请写成 2026-11-21"
        "\"{}\" is no date" "write it as 2026-11-21";
    /// No number of days.
    Days "days"
        "“{}”不是天数" "请写 0 到 365 的整数，例如 15"
        "\"{}\" is no number of days" "give a whole number from 0 to 365, such as 15";
    /// A hesitation period without its product.
    DaysOfNothing "days_of_nothing"
        "有犹豫期但没有产品" "请同时填写产品名称"
        "there is a hesitation period but no product" "give the product's name as well";
    /// No amount of money.
    Amount "amount"
        "“{}”不是金额" "请以元为单位填写数字，例如 120000.50"
        "\"{}\" is no amount of money" "give yuan as digits, such as 120000.50";
    /// None of the channels.
    Channel "channel"
        "“{}”不是联系方式" "请写电话、短信、邮件、上门或信函"
        "\"{}\" is no channel" "give phone, sms, email, visit or letter";
    /// Neither yes nor no.
    YesNo "yes_no"
        "“{}”既不是“是”也不是“否”" "请写是或否"
        "\"{}\" is neither yes nor no" "give yes or no";
    /// An extension that is none.
    Extension "extension"
        "“{}”不是分机号" "请写 1 到 8 位数字"
        "\"{}\" is no extension" "give one to eight digits";
    /// A contact whose numbers are missing.
    ContactWithoutNumber "contact_without_number"
        "联系人“{}”没有号码" "请填写其号码，或删去姓名"
        "the contact \"{}\" has no number" "give the number, or take the name away";
    /// A text longer than anything real.
    TooLong "too_long"
        "内容过长（{} 个字符）" "每格最多 500 个字符，请检查引号是否配对"
        "is too long ({} characters)" "give at most 500 characters a cell; check that quotes are in pairs";
    /// A character that no text has.
    Control "control"
        "含有不可见的控制字符" "请删去后重新填写"
        "holds a control character" "take it away and fill the cell in again";
    /// The same external id again; the particular is the earlier line.
    Twice "twice"
        "客户编号在第 {} 行已出现" "请只保留一行"
        "stands at {} already" "keep one of the two";
    /// More or fewer cells than the header.
    Cells "cells"
        "有 {} 格，与表头不符" "内容中的分隔符须用引号括起"
        "has {} cells, not as many as the header" "a comma inside a text needs quotes around it";
    /// The row is no CSV.
    Unreadable "unreadable"
        "无法读取：{}" "请检查本行的引号"
        "cannot be read: {}" "check the quotes of this line";
    /// Bytes that are no text in the file's encoding.
    Garbled "garbled"
        "含有无法识别的字符" "请以“CSV UTF-8”格式另存后重新导入"
        "holds bytes that are no text" "save the file as \"CSV UTF-8\" and send it again";
    /// A column that must be there is not.
    MissingColumn "missing_column"
        "表头缺少本列" "请增加本列"
        "is missing from the header" "add this column";
    /// Two columns say the same.
    SameColumn "same_column"
        "表头中重复出现" "请删去其中一列"
        "stands twice in the header" "take one away";
    /// Nothing below the header.
    NoRows "no_rows"
        "表头下面没有客户" "请检查是否选对了文件"
        "there are no customers below the header" "check that this is the right file";
    /// An object of JSON that is no customer.
    NoCustomer "no_customer"
        "不是客户：{}" "请按接口说明填写"
        "is no customer: {}" "see the API's description";
}

impl FaultCode {
    /// Reads back a slug.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.slug() == slug)
    }
}

impl Fault {
    /// What is wrong.
    pub fn fault(&self, tongue: Tongue) -> String {
        self.code.words(tongue).0.replace("{}", &self.given)
    }

    /// What to do about it.
    pub fn remedy(&self, tongue: Tongue) -> &'static str {
        self.code.words(tongue).1
    }
}
