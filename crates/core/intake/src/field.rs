//! The fields of a customer, and the headers that departments write above them.

/// Where a column's cells go. Places count from 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    ExternalId,
    Name,
    Number(usize),
    Extension(usize),
    Class,
    Branch,
    Language,
    TimeZone,
    AccountManager,
    RatedPerson,
    Product(usize),
    HesitationDays(usize),
    ContractValue,
    Channel,
    OptOut,
    /// The event.
    Date(String),
    /// The role.
    ContactName(String),
    /// The role, and which of its numbers.
    ContactNumber(String, usize),
}

/// Dates that plans know, with their headers. Others are free: `…_on`, `…日期`.
pub const EVENTS: [(&str, &[&str]); 9] = [
    ("signed", &["签约", "签订", "签署", "签单", "合同签订", "合同签署", "承保", "投保"]),
    ("delivered", &["送达", "交付", "保单送达", "回执", "交货", "签收"]),
    ("installed", &["安装", "安装完成"]),
    ("shipped", &["发货", "出厂"]),
    ("powered_on", &["通电", "投运", "送电", "上电"]),
    ("repaired", &["维修", "维修完成", "修复"]),
    ("complaint_closed", &["投诉办结", "投诉关闭", "投诉结案"]),
    ("changed", &["变更", "合同变更"]),
    ("ended", &["终止", "合同终止", "到期", "合同到期", "结束"]),
];

/// Parts that others play at the customer, with their headers (L4, S4.3, E6.1).
pub const ROLES: [(&str, &[&str]); 6] = [
    ("policy_holder", &["投保人", "policyholder"]),
    ("equipment_manager", &["设备管理员", "设备主管", "设备负责人", "equipmentmanager"]),
    ("technician", &["技术员", "技术负责人", "technician"]),
    ("administrator", &["管理员", "系统管理员", "administrator"]),
    ("user", &["使用人", "用户", "user"]),
    ("power_room_manager", &["配电室主管", "配电室负责人", "机房主管", "机房负责人", "powerroommanager"]),
];

const PHONE_WORDS: [&str; 18] = [
    "number",
    "phone",
    "mobile",
    "telephone",
    "tel",
    "电话",
    "手机",
    "手机号",
    "手机号码",
    "联系电话",
    "电话号码",
    "号码",
    "固话",
    "固定电话",
    "座机",
    "办公电话",
    "单位电话",
    "家庭电话",
];

impl Field {
    /// What a header means; none for columns that are not ours.
    pub fn of_header(header: &str) -> Option<Self> {
        let plain = plain(header);
        let (stem, place) = numbered(&plain);
        single(&plain)
            .or_else(|| at_place(stem, place))
            .or_else(|| contact(stem, place))
            .or_else(|| date(header, &plain))
    }

    /// The header that always works, in English.
    pub fn name(&self) -> String {
        let placed = |stem: &str, place: usize| match place {
            0 => stem.to_owned(),
            more => format!("{stem}{}", more + 1),
        };
        match self {
            Self::ExternalId => "external_id".to_owned(),
            Self::Name => "name".to_owned(),
            Self::Number(place) => placed("number", *place),
            Self::Extension(place) => placed("extension", *place),
            Self::Class => "class".to_owned(),
            Self::Branch => "branch".to_owned(),
            Self::Language => "language".to_owned(),
            Self::TimeZone => "time_zone".to_owned(),
            Self::AccountManager => "account_manager".to_owned(),
            Self::RatedPerson => "rated_person".to_owned(),
            Self::Product(place) => placed("product", *place),
            Self::HesitationDays(place) => placed("hesitation_days", *place),
            Self::ContractValue => "contract_value".to_owned(),
            Self::Channel => "channel".to_owned(),
            Self::OptOut => "opt_out".to_owned(),
            Self::Date(event) => format!("{event}_on"),
            Self::ContactName(role) => format!("{role}_name"),
            Self::ContactNumber(role, place) => placed(&format!("{role}_number"), *place),
        }
    }

    /// The next place of the same kind, for a header that is written twice: two columns `电话` are two numbers.
    pub(crate) fn next(&self) -> Option<Self> {
        match self {
            Self::Number(place) if *place < 8 => Some(Self::Number(place + 1)),
            Self::Product(place) if *place < 8 => Some(Self::Product(place + 1)),
            Self::ContactNumber(role, place) if *place < 8 => {
                Some(Self::ContactNumber(role.clone(), place + 1))
            }
            _ => None,
        }
    }
}

/// Lower case, half width, without spaces, underscores, marks of duty and what stands in brackets: `合同金额（元）*` is
/// `合同金额`.
fn plain(header: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_u32;
    for c in header.trim_start_matches('\u{feff}').chars() {
        let c = crate::cell::half_width(c);
        match c {
            '(' | '[' | '【' => depth += 1,
            ')' | ']' | '】' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() || matches!(c, '_' | '-' | '*' | ':' | '.' | '/') => {}
            _ => plain.extend(c.to_lowercase()),
        }
    }
    plain
}

/// `number2` is `number` at place 1; `备用电话` too.
fn numbered(plain: &str) -> (&str, usize) {
    let stem = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    match plain[stem.len()..].parse::<usize>() {
        Ok(place @ 1..=9) => (stem, place - 1),
        Ok(_) => (plain, 0),
        Err(_) => plain.strip_prefix("备用").map_or((plain, 0), |rest| (rest, 1)),
    }
}

fn single(plain: &str) -> Option<Field> {
    Some(match plain {
        "externalid" | "id" | "customerid" | "customerno" | "编号" | "客户编号" | "客户号" | "客户代码"
        | "外部编号" | "合同号" | "合同编号" | "保单号" => Field::ExternalId,
        "name" | "customername" | "姓名" | "客户姓名" | "名称" | "客户名称" | "客户" => {
            Field::Name
        }
        "class" | "customerclass" | "级别" | "客户级别" | "类别" | "客户类别" | "等级" | "客户等级" => {
            Field::Class
        }
        "branch" | "机构" | "分支机构" | "分公司" | "营业部" | "网点" | "所属机构" => {
            Field::Branch
        }
        "language" | "语言" | "语种" => Field::Language,
        "timezone" | "时区" => Field::TimeZone,
        "accountmanager" | "客户经理" | "理财经理" | "服务经理" => Field::AccountManager,
        "ratedperson" | "被评价人" | "业务员" | "销售人员" | "工程师" | "服务人员" | "代理人" => {
            Field::RatedPerson
        }
        "contractvalue" | "合同金额" | "合同价值" | "合同额" | "保费" | "金额" => {
            Field::ContractValue
        }
        "channel" | "首选渠道" | "渠道" | "联系方式偏好" | "回访方式" => Field::Channel,
        "optout" | "donotcall" | "免打扰" | "拒绝来电" | "勿扰" => Field::OptOut,
        _ => return None,
    })
}

fn at_place(stem: &str, place: usize) -> Option<Field> {
    Some(match stem {
        word if PHONE_WORDS.contains(&word) => Field::Number(place),
        "customernumber" | "customerphone" | "客户电话" | "客户手机" => Field::Number(place),
        "extension" | "ext" | "分机" | "分机号" => Field::Extension(place),
        "product" | "productname" | "产品" | "产品名称" | "险种" | "险种名称" | "设备" | "设备型号" => {
            Field::Product(place)
        }
        "hesitationdays" | "犹豫期" | "犹豫期天数" => Field::HesitationDays(place),
        _ => return None,
    })
}

fn contact(stem: &str, place: usize) -> Option<Field> {
    for (role, headers) in ROLES {
        for header in headers {
            let Some(rest) = stem.strip_prefix(header) else { continue };
            if PHONE_WORDS.contains(&rest) {
                return Some(Field::ContactNumber(role.to_owned(), place));
            }
            if matches!(rest, "" | "name" | "姓名") && place == 0 {
                return Some(Field::ContactName(role.to_owned()));
            }
        }
    }
    None
}

fn date(header: &str, plain: &str) -> Option<Field> {
    let chinese = plain
        .strip_suffix("日期")
        .or_else(|| plain.strip_suffix("时间"))
        .or_else(|| plain.strip_suffix('日'));
    if let Some(stem) = chinese.filter(|stem| !stem.is_empty()) {
        let known = EVENTS.iter().find(|(_, headers)| headers.contains(&stem));
        // Only what says "date" in full names an event of its own: 生日 is not the event 生.
        return match known {
            Some((event, _)) => Some(Field::Date((*event).to_owned())),
            None => plain.strip_suffix("日期").map(|stem| Field::Date(stem.to_owned())),
        };
    }
    let event = header.trim().trim_start_matches('\u{feff}').to_ascii_lowercase().replace([' ', '-'], "_");
    if EVENTS.iter().any(|(known, _)| *known == event) {
        return Some(Field::Date(event));
    }
    let event = event.strip_suffix("_on").or_else(|| event.strip_suffix("_date"))?;
    let fits = !event.is_empty() && event.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    fits.then(|| Field::Date(event.to_owned()))
}
