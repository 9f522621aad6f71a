//! `report.json` and its JSON Schema. In: a [`Report`]. Out: the same bytes for the same report, always.

use schemars::schema_for;
use serde_json::Value;

use super::model::Report;

/// The report as indented JSON with a newline at its end.
pub fn to_json(report: &Report) -> String {
    let mut json =
        serde_json::to_string_pretty(report).expect("a report is made of text, numbers and lists");
    json.push('\n');
    json
}

/// JSON Schema (2020-12) of `report.json`; `report.schema.json` beside this file is the committed copy.
pub fn schema() -> Value {
    schema_for!(Report).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{hostile, report};

    fn validator() -> jsonschema::Validator {
        jsonschema::validator_for(&schema()).unwrap()
    }

    fn sample() -> Value {
        serde_json::from_str(&to_json(&report())).unwrap()
    }

    #[test]
    fn the_committed_schema_is_the_one_that_the_model_gives() {
        let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        assert!(
            include_str!("report.schema.json") == fresh,
            "src/report/report.schema.json is out of date; it should read:\n{fresh}"
        );
    }

    #[test]
    fn what_we_write_fits_our_own_schema() {
        for report in [report(), hostile()] {
            let json = serde_json::from_str(&to_json(&report)).unwrap();
            let faults: Vec<_> = validator()
                .iter_errors(&json)
                .map(|e| e.to_string())
                .collect();
            assert!(faults.is_empty(), "{faults:?}");
        }
    }

    #[test]
    fn a_misspelt_verdict_is_refused() {
        let mut json = sample();
        json["submissions"][0]["verdict"] = "acepted".into();
        assert!(!validator().is_valid(&json));
    }

    #[test]
    fn a_missing_field_is_refused() {
        let mut json = sample();
        json["submissions"][0]
            .as_object_mut()
            .unwrap()
            .remove("source");
        assert!(!validator().is_valid(&json));
    }

    #[test]
    fn another_version_of_the_schema_is_refused() {
        let mut json = sample();
        json["schema"] = "zhanbo.report/2".into();
        assert!(!validator().is_valid(&json));
    }

    #[test]
    fn a_field_that_a_later_version_adds_does_no_harm() {
        let mut json = sample();
        json["submissions"][0]["mood"] = "sunny".into();
        assert!(validator().is_valid(&json));
        assert!(serde_json::from_value::<Report>(json).is_ok());
    }

    #[test]
    fn reading_back_gives_the_same_report_and_the_same_bytes() {
        let json = to_json(&report());
        let back: Report = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report());
        assert_eq!(to_json(&back), json);
        assert!(json.ends_with("}\n"));
    }
}
