//! What departments write above their columns.

use intake::{Field, Layout};

fn names(headers: &[&str]) -> Vec<Option<String>> {
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    Layout::of(&headers).unwrap().columns().into_iter().map(|column| column.field).collect()
}

#[test]
fn each_header_means_its_field() {
    for (header, field) in [
        ("external_id", "external_id"),
        ("External ID", "external_id"),
        ("客户编号*", "external_id"),
        ("\u{feff}保单号", "external_id"),
        ("姓名", "name"),
        ("Customer Name", "name"),
        ("手机号码", "number"),
        ("电话２", "number2"),
        ("备用电话", "number2"),
        ("分机号", "extension"),
        ("客户级别", "class"),
        ("分支机构", "branch"),
        ("time zone", "time_zone"),
        ("客户经理", "account_manager"),
        ("业务员", "rated_person"),
        ("产品名称", "product"),
        ("product3", "product3"),
        ("犹豫期（天）", "hesitation_days"),
        ("合同金额（元）", "contract_value"),
        ("免打扰", "opt_out"),
        ("签约日期", "signed_on"),
        ("保单送达日", "delivered_on"),
        ("通电时间", "powered_on_on"),
        ("powered_on_on", "powered_on_on"),
        ("powered_on", "powered_on_on"),
        ("signed", "signed_on"),
        ("Signed Date", "signed_on"),
        ("续保日期", "续保_on"),
        ("投保人电话", "policy_holder_number"),
        ("投保人", "policy_holder_name"),
        ("设备管理员手机2", "equipment_manager_number2"),
        ("technician_name", "technician_name"),
    ] {
        let found = Field::of_header(header).map(|field| field.name());
        assert_eq!(found.as_deref(), Some(field), "{header}");
    }
    for unknown in ["备注", "序号", "生日", "", "remark", "number99", "on"] {
        assert_eq!(Field::of_header(unknown), None, "{unknown}");
    }
}

#[test]
fn every_fields_own_name_means_it() {
    for header in
        ["number", "number9", "contract_value", "technician_number2", "repaired_on", "hesitation_days2"]
    {
        assert_eq!(Field::of_header(header).unwrap().name(), header);
    }
}

#[test]
fn two_columns_of_telephones_are_two_numbers() {
    let found = names(&["编号", "姓名", "手机", "电话", "办公电话", "备注"]);
    let expected = ["external_id", "name", "number", "number2", "number3"].map(|name| Some(name.to_owned()));
    assert_eq!(found[..5], expected);
    assert_eq!(found[5], None);
}

#[test]
fn what_is_missing_or_stands_twice_is_named() {
    for (headers, column, remedy) in [
        (&["external_id", "name"][..], "number", "add this column"),
        (&["编号", "姓名", "电话", "客户姓名"][..], "客户姓名", "take one away"),
    ] {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let faults = Layout::of(&headers).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!((faults[0].line, faults[0].column.as_str()), (1, column));
        assert!(faults[0].remedy(intake::Tongue::En).contains(remedy));
    }
}
