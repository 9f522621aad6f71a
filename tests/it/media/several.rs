//! Several films in one inbox, made in one run. In: a ladder, and films by their titles. Out: where what was made of each is.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::media_maker::Place;
use crate::program::{self, ended, submission};

/// What was made of some films.
pub(super) struct Made {
    pub(super) place: Place,
    report: Value,
}

impl Made {
    pub(super) fn of(ladder: &str, films: &[(&str, PathBuf)]) -> Self {
        let place = Place::new();
        fs::write(place.ladder(), ladder).unwrap();
        for (title, film) in films {
            place.introduced("成都第一片区", &name(title, film), film);
        }
        ended(&mut program::run(&place)).with(0);
        let report = program::report(&place.out());
        Made { place, report }
    }

    pub(super) fn record(&self, title: &str) -> &Value {
        let all = self.report["submissions"].as_array().unwrap();
        let wanted = format!("甲大学《{title}》.");
        let record = all
            .iter()
            .find(|s| s["original_name"].as_str().unwrap().starts_with(&wanted))
            .unwrap();
        assert_eq!(record["job"]["outcome"], "done", "{title}");
        submission(&self.report, record["original_name"].as_str().unwrap())
    }

    pub(super) fn output(&self, title: &str, name: &str) -> PathBuf {
        let outputs = &self.record(title)["outputs"];
        self.place.out().join(outputs[name].as_str().unwrap())
    }

    pub(super) fn level(&self, title: &str, place: &str) -> &Value {
        &self.record(title)["outputs"]["loudness"][place]
    }
}

fn name(title: &str, film: &Path) -> String {
    let extension = film.extension().unwrap().to_str().unwrap();
    format!("甲大学《{title}》.{extension}")
}
