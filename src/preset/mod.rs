//! What a preset can say: rule sets and ladders are TOML, data a user may copy and edit. In: TOML text. Out: typed
//! values, or an error with line, column and the valid keys.

pub mod decision;
mod error;
mod ladder;
mod programme;
mod quantity;
mod rules;
mod showcase;
mod title;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::de::DeTable;

pub use decision::{
    Accept, Confirm, Delivery, Meant, Other, Overrule, Ruling, Subject, UnitTitle, Waive,
};
pub use error::{PresetError, nearest};
use error::{Problem, from_toml};
pub use ladder::{
    AudioSettings, EncoderChoice, Hall, Ladder, Loudness, MAX_HEIGHT, MAX_WIDTH, OneEar,
    QualityTarget, Rung, Scaler, VideoSettings,
};
pub use programme::{
    BurnSubtitles, ClockTime, HallRate, NoRate, NoTime, Order, ProgrammeEntry, ProgrammeFile,
};
pub use rules::{
    AttachmentFormat, AttachmentsRule, CodecRule, ContainerRule, DamageRule, Date, DurationRule,
    FakeLandscapeRule, FrameRateRule, IntroductionContentRule, LoudnessRangeRule, NamePattern,
    NamingRule, NotADate, OrientationRule, PictureClearRule, PictureContinuousRule,
    PictureSizeRule, PlainRule, RuleSet, Rules, Shape, SizeRule, SoundChannelsRule,
    SoundClippedRule, SoundLevelRule, SubtitlesRule, Window,
};
pub use showcase::{Recommend, ShowcaseFile, Site};

use crate::text::Text;
use crate::units::Bytes;

/// The rule set that applies when none is chosen.
pub const DEFAULT_RULES: &str = "plain";
/// The ladder that applies when none is chosen.
pub const DEFAULT_LADDER: &str = "balanced";

/// The most that is read of a preset or of `showcase.toml`.
const MAX_FILE: Bytes = Bytes(1 << 20);

/// What a preset is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PresetKind {
    /// What is demanded: [`RuleSet`].
    Rules,
    /// What is made: [`Ladder`].
    Ladder,
    /// The event: [`ShowcaseFile`]. None is built in.
    Showcase,
}

impl PresetKind {
    /// The kind as an error or a list calls it.
    pub fn name(self) -> &'static str {
        match self {
            PresetKind::Rules => "rule set",
            PresetKind::Ladder => "ladder",
            PresetKind::Showcase => "showcase",
        }
    }
}

/// A preset inside the program.
struct BuiltIn {
    kind: PresetKind,
    name: &'static str,
    text: &'static str,
}

impl BuiltIn {
    const fn rules(name: &'static str, text: &'static str) -> Self {
        BuiltIn {
            kind: PresetKind::Rules,
            name,
            text,
        }
    }
}

static BUILT_IN: [BuiltIn; 9] = [
    BuiltIn::rules(
        "sichuan-2021-showcase",
        include_str!("../../presets/rules/sichuan-2021-showcase.toml"),
    ),
    BuiltIn::rules(
        "sichuan-2024-relay",
        include_str!("../../presets/rules/sichuan-2024-relay.toml"),
    ),
    BuiltIn::rules(
        "lecture-2020",
        include_str!("../../presets/rules/lecture-2020.toml"),
    ),
    BuiltIn::rules(
        "lecture-30min-2020",
        include_str!("../../presets/rules/lecture-30min-2020.toml"),
    ),
    BuiltIn::rules(
        "materials-2020",
        include_str!("../../presets/rules/materials-2020.toml"),
    ),
    BuiltIn::rules(
        DEFAULT_RULES,
        include_str!("../../presets/rules/plain.toml"),
    ),
    BuiltIn {
        kind: PresetKind::Ladder,
        name: DEFAULT_LADDER,
        text: include_str!("../../presets/output/balanced.toml"),
    },
    BuiltIn {
        kind: PresetKind::Ladder,
        name: "fast",
        text: include_str!("../../presets/output/fast.toml"),
    },
    BuiltIn {
        kind: PresetKind::Ladder,
        name: "best",
        text: include_str!("../../presets/output/best.toml"),
    },
];

/// One line of `zhanbo presets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is about.
    pub kind: PresetKind,
    /// Its name.
    pub name: &'static str,
    /// Its title.
    pub title: Text,
}

/// The rule set with that name, or in that file.
///
/// A path is whatever holds a `/` or ends in `.toml`; a relative one is taken from the working directory.
pub fn rule_set(name_or_path: &str) -> Result<RuleSet, PresetError> {
    load(PresetKind::Rules, name_or_path)
}

/// The ladder with that name, or in that file; as [`rule_set`].
pub fn ladder(name_or_path: &str) -> Result<Ladder, PresetError> {
    load(PresetKind::Ladder, name_or_path)
}

/// What a `showcase.toml` says.
pub fn showcase(path: &Path) -> Result<ShowcaseFile, PresetError> {
    let text = read(path)?;
    let mut file: ShowcaseFile = parse(&path.display().to_string(), &text)?;
    file.number(|table, index| error::line_of(&text, table, index));
    for (index, item) in file.programme.item.iter_mut().enumerate() {
        item.line = error::line_at(&text, &["programme".into(), "item".into(), index.into()]);
    }
    Ok(file)
}

/// Whether a name means a file.
pub fn is_path(name_or_path: &str) -> bool {
    name_or_path.contains('/')
        || Path::new(name_or_path)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// All built-in presets, rule sets first.
pub fn list() -> Result<Vec<Listed>, PresetError> {
    let listed = |preset: &BuiltIn| {
        let title = match preset.kind {
            PresetKind::Ladder => parse::<Ladder>(preset.name, preset.text)?.title,
            _ => parse::<RuleSet>(preset.name, preset.text)?.title,
        };
        Ok(Listed {
            kind: preset.kind,
            name: preset.name,
            title,
        })
    };
    BUILT_IN.iter().map(listed).collect()
}

/// What a file of that kind may say, as JSON Schema for editors.
pub fn schema(kind: PresetKind) -> schemars::Schema {
    match kind {
        PresetKind::Rules => schemars::schema_for!(RuleSet),
        PresetKind::Ladder => schemars::schema_for!(Ladder),
        PresetKind::Showcase => schemars::schema_for!(ShowcaseFile),
    }
}

/// A file of that kind with everything that it can say, to be copied and edited.
pub fn template(kind: PresetKind) -> &'static str {
    match kind {
        PresetKind::Rules => include_str!("../../presets/template/rules.toml"),
        // The built-in ladder has every key that there is, so it is the template.
        PresetKind::Ladder => include_str!("../../presets/output/balanced.toml"),
        PresetKind::Showcase => include_str!("../../presets/template/showcase.toml"),
    }
}

/// The text of a built-in preset, to be copied and edited.
pub fn source_text(name: &str) -> Result<&'static str, PresetError> {
    built_in(None, name).map(|preset| preset.text)
}

/// Reads a file of any kind, and says of which kind it is.
pub fn check_file(path: &Path) -> Result<PresetKind, PresetError> {
    let (origin, text) = (path.display().to_string(), read(path)?);
    let schema = schema_of(&origin, &text)?.unwrap_or_default();
    if schema.starts_with("zhanbo.ladder/") {
        parse::<Ladder>(&origin, &text).map(|_| PresetKind::Ladder)
    } else if schema.starts_with("zhanbo.showcase/") || path.ends_with("showcase.toml") {
        parse::<ShowcaseFile>(&origin, &text).map(|_| PresetKind::Showcase)
    } else {
        parse::<RuleSet>(&origin, &text).map(|_| PresetKind::Rules)
    }
}

/// A kind of TOML file with a version of its own.
trait Document: DeserializeOwned {
    /// The value of the field `schema`.
    const SCHEMA: &'static str;
    /// A file without the field is taken for this version.
    const SCHEMA_IS_OPTIONAL: bool = false;
    /// What the types alone can not say.
    fn check(&self) -> Result<(), Problem>;
}

fn load<T: Document>(kind: PresetKind, name_or_path: &str) -> Result<T, PresetError> {
    if is_path(name_or_path) {
        return parse(name_or_path, &read(Path::new(name_or_path))?);
    }
    parse(name_or_path, built_in(Some(kind), name_or_path)?.text)
}

fn built_in(kind: Option<PresetKind>, name: &str) -> Result<&'static BuiltIn, PresetError> {
    let of_kind = || {
        BUILT_IN
            .iter()
            .filter(move |preset| kind.is_none_or(|kind| kind == preset.kind))
    };
    of_kind()
        .find(|preset| preset.name == name)
        .ok_or_else(|| PresetError::Unknown {
            kind,
            name: name.to_owned(),
            nearest: error::nearest(name, of_kind().map(|preset| preset.name)),
        })
}

fn read(path: &Path) -> Result<String, PresetError> {
    let failed = |source| PresetError::Read {
        path: path.to_owned(),
        source,
    };
    // A pipe would let us wait for ever.
    if !path.metadata().map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("not a regular file")));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let actual = Bytes(file.metadata().map_err(failed)?.len());
    file.take(MAX_FILE.0 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE.0 {
        return Err(PresetError::TooLarge {
            path: path.to_owned(),
            actual,
            limit: MAX_FILE,
        });
    }
    String::from_utf8(bytes).map_err(|error| PresetError::NotUtf8 {
        path: path.to_owned(),
        at: error.utf8_error().valid_up_to(),
    })
}

fn parse<T: Document>(origin: &str, text: &str) -> Result<T, PresetError> {
    // Notepad puts a byte-order mark before UTF-8.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The version first: in a file of another version every other message would mislead.
    match schema_of(origin, text)? {
        Some(schema) if schema == T::SCHEMA => {}
        None if T::SCHEMA_IS_OPTIONAL => {}
        given => {
            let wanted = T::SCHEMA;
            let reason = match given {
                Some(given) => format!(
                    "schema is {given:?}, but what this version of zhanbo reads here is {wanted:?}"
                ),
                None => format!("the file must say schema = {wanted:?}"),
            };
            return Err(Problem::new(["schema".into()], reason).in_text(origin, text));
        }
    }
    let value: T = toml::from_str(text).map_err(|error| from_toml(origin, text, &error))?;
    value
        .check()
        .map_err(|problem| problem.in_text(origin, text))?;
    Ok(value)
}

fn schema_of(origin: &str, text: &str) -> Result<Option<String>, PresetError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let table = DeTable::parse(text).map_err(|error| from_toml(origin, text, &error))?;
    let schema = table.get_ref().get("schema");
    Ok(schema.map(|schema| schema.get_ref().as_str().unwrap_or_default().to_owned()))
}

fn check_name(name: &str) -> Result<(), Problem> {
    let fits = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits {
        return Ok(());
    }
    let reason = format!("{name:?} is not a name: lower-case letters, digits and `-` only");
    Err(Problem::new(["name".into()], reason))
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::Value;

    use super::*;
    use crate::check::Level;
    use crate::probe::Container;
    use crate::text::Lang;
    use crate::units::{BitRate, Millis};

    /// What is said about a text that is not right, with the hint below it.
    pub(super) fn problem<T: Document + std::fmt::Debug>(text: &str) -> String {
        let error = parse::<T>("my.toml", text).unwrap_err();
        format!("{error}\n{}", error.hint().in_lang(Lang::Zh))
    }

    fn in_file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        File::create(&path).unwrap().write_all(bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn every_built_in_preset_is_valid_and_listed() {
        let listed = list().unwrap();
        let names: Vec<_> = listed.iter().map(|preset| preset.name).collect();
        assert_eq!(
            names,
            [
                "sichuan-2021-showcase",
                "sichuan-2024-relay",
                "lecture-2020",
                "lecture-30min-2020",
                "materials-2020",
                "plain",
                "balanced",
                "fast",
                "best"
            ]
        );
        for preset in listed {
            let text = source_text(preset.name).unwrap();
            assert!(text.contains(&format!("name = \"{}\"", preset.name)));
            assert!(text.starts_with("# "), "{} explains itself", preset.name);
        }
    }

    #[test]
    fn the_notice_of_2021_is_complete() {
        let set = rule_set("sichuan-2021-showcase").unwrap();
        assert_eq!(set.regions.len(), 8);
        assert_eq!(set.regions[4], "川北片区");
        let rules = set.rules;
        assert_eq!(rules.max_duration.unwrap().limit, Millis(300_000));
        assert_eq!(rules.max_size.unwrap().limit, Bytes(1_073_741_824));
        assert_eq!(
            rules.container.unwrap().allowed,
            [Container::Mp4, Container::Mpg, Container::Mov]
        );
        assert_eq!(rules.introduction.unwrap().level, Level::Requirement);
        let size = rules.picture_size.unwrap();
        assert_eq!(
            (size.level, size.min_width, size.min_height),
            (Level::Advice, Some(640), None)
        );
    }

    #[test]
    fn the_default_rules_never_return_a_video() {
        let rules = rule_set(DEFAULT_RULES).unwrap().rules;
        let value = serde_json::to_value(&rules).unwrap();
        for (name, rule) in value.as_object().unwrap() {
            assert_eq!(rule["level"], "advice", "{name}");
        }
    }

    #[test]
    fn the_default_ladder_has_four_rungs_and_buffers_of_twice_the_peak() {
        let ladder = ladder(DEFAULT_LADDER).unwrap();
        let names: Vec<_> = ladder.rungs.iter().map(|rung| rung.name.as_str()).collect();
        assert_eq!(names, ["1080p", "720p", "480p", "360p"]);
        for rung in &ladder.rungs {
            assert_eq!(rung.buffer.0, 2 * rung.max_bit_rate.0, "{}", rung.name);
        }
        assert_eq!(ladder.audio.bit_rate, BitRate::from_kbps(128));
        assert_eq!(ladder.video.segment, Millis(6000));
        assert_eq!(ladder.hall.max_bit_rate, BitRate::from_kbps(8000));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let set = rule_set("sichuan-2021-showcase").unwrap();
        let again: RuleSet = parse("again", &toml::to_string(&set).unwrap()).unwrap();
        assert_eq!(again, set);
        let ladder = ladder(DEFAULT_LADDER).unwrap();
        let again: Ladder = parse("again", &toml::to_string(&ladder).unwrap()).unwrap();
        assert_eq!(again, ladder);
    }

    #[test]
    fn the_built_in_presets_meet_their_json_schemas() {
        for preset in &BUILT_IN {
            let value: toml::Value = toml::from_str(preset.text).unwrap();
            let value = serde_json::to_value(value).unwrap();
            let schema = serde_json::to_value(schema(preset.kind)).unwrap();
            assert!(jsonschema::is_valid(&schema, &value), "{}", preset.name);
        }
        let showcase = serde_json::to_value(schemars::schema_for!(ShowcaseFile)).unwrap();
        assert!(jsonschema::is_valid(
            &showcase,
            &serde_json::json!({"title": "展播"})
        ));
    }

    /// The keys of a table, by its schema; where it may have one of several forms, of all of them.
    fn keys(schema: &Value, table: &Value) -> Vec<(String, Value)> {
        let table = match table["$ref"].as_str() {
            Some(path) => schema.pointer(path.trim_start_matches('#')).unwrap(),
            None => table,
        };
        let own = table["properties"].as_object().into_iter().flatten();
        let mut all: Vec<_> = own
            .map(|(key, inner)| (key.clone(), inner.clone()))
            .collect();
        for form in table["anyOf"].as_array().into_iter().flatten() {
            all.extend(keys(schema, form));
        }
        all.extend(keys_of_items(schema, &table["items"]));
        all
    }

    fn keys_of_items(schema: &Value, items: &Value) -> Vec<(String, Value)> {
        if items.is_null() {
            vec![]
        } else {
            keys(schema, items)
        }
    }

    #[test]
    fn the_templates_say_everything_that_can_be_said_and_are_valid() {
        parse::<RuleSet>("rules", template(PresetKind::Rules)).unwrap();
        parse::<ShowcaseFile>("showcase", template(PresetKind::Showcase)).unwrap();
        parse::<Ladder>("ladder", template(PresetKind::Ladder)).unwrap();

        let rules = serde_json::to_value(schema(PresetKind::Rules)).unwrap();
        let tables = serde_json::to_value(schemars::schema_for!(Rules)).unwrap();
        let text = template(PresetKind::Rules);
        for (key, _) in keys(&rules, &rules) {
            assert!(
                text.contains(&format!("\n{key} = ")) || key == "rules",
                "{key}"
            );
        }
        for (rule, table) in keys(&tables, &tables) {
            let (_, section) = text
                .split_once(&format!("\n[rules.{rule}]\n"))
                .expect(&rule);
            let section = section.split("\n[").next().unwrap();
            for (key, _) in keys(&tables, &table) {
                let written = section.lines().any(|line| {
                    line.trim_start_matches("# ")
                        .starts_with(&format!("{key} = "))
                });
                assert!(written, "[rules.{rule}] does not show {key}");
            }
        }

        let showcase = serde_json::to_value(schema(PresetKind::Showcase)).unwrap();
        let text = template(PresetKind::Showcase);
        for (key, table) in keys(&showcase, &showcase) {
            let parts: Vec<_> = text.split(&format!("\n[[{key}]]\n")).skip(1).collect();
            let as_table = text.split(&format!("\n[{key}]\n")).nth(1);
            assert!(
                !parts.is_empty()
                    || as_table.is_some()
                    || text.contains(&format!("\n{key} = "))
                    || text.contains(&format!("\n[{key}]\n")),
                "{key}"
            );
            for (inner, table) in as_table.iter().flat_map(|_| keys(&showcase, &table)) {
                let section = as_table.unwrap_or_default().split("\n[[").next().unwrap();
                let array = text.contains(&format!("\n[[{key}.{inner}]]\n"));
                assert!(
                    array || section.contains(&format!("{inner} = ")),
                    "[{key}] {inner}"
                );
                for (innermost, _) in keys_of_items(&showcase, &table["items"]) {
                    let shown = text.contains(&format!("\n{innermost} = "));
                    assert!(shown, "[[{key}.{inner}]] {innermost}");
                }
            }
            for (inner, _) in keys(&showcase, &table["items"]) {
                let of_table = |part: &&str| {
                    part.split("\n[")
                        .next()
                        .unwrap()
                        .contains(&format!("{inner} = "))
                };
                assert!(
                    parts.iter().any(of_table),
                    "[[{key}]] does not show {inner}"
                );
            }
        }
    }

    #[test]
    fn the_committed_schemas_are_those_that_the_types_give() {
        let committed = [
            (
                PresetKind::Rules,
                "rules",
                include_str!("../../presets/schema/rules.schema.json"),
            ),
            (
                PresetKind::Ladder,
                "ladder",
                include_str!("../../presets/schema/ladder.schema.json"),
            ),
            (
                PresetKind::Showcase,
                "showcase",
                include_str!("../../presets/schema/showcase.schema.json"),
            ),
        ];
        for (kind, name, text) in committed {
            let committed: Value = serde_json::from_str(text).unwrap_or_default();
            let given = serde_json::to_value(schema(kind)).unwrap();
            assert_eq!(
                committed, given,
                "run: zhanbo presets schema {name} > presets/schema/{name}.schema.json"
            );
        }
    }

    #[test]
    fn a_name_that_does_not_exist_names_its_neighbour() {
        let said = |error: PresetError| format!("{error}\n{}", error.hint().in_lang(Lang::En));
        insta::assert_snapshot!(said(rule_set("plian").unwrap_err()), @r#"
        there is no rule set called "plian"; did you mean `plain`?
        `zhanbo presets` lists the built-in ones; a file of your own is given by its path, as `./my-rules.toml`
        "#);
        insta::assert_snapshot!(said(ladder("balance").unwrap_err()), @r#"
        there is no ladder called "balance"; did you mean `balanced`?
        `zhanbo presets` lists the built-in ones; a file of your own is given by its path, as `./my-rules.toml`
        "#);
        insta::assert_snapshot!(said(ladder("plain").unwrap_err()), @r#"
        there is no ladder called "plain"
        `zhanbo presets` lists the built-in ones; a file of your own is given by its path, as `./my-rules.toml`
        "#);
        insta::assert_snapshot!(said(source_text("nothing").unwrap_err()), @r#"
        there is no preset called "nothing"
        `zhanbo presets` lists the built-in ones; a file of your own is given by its path, as `./my-rules.toml`
        "#);
    }

    #[test]
    fn the_version_is_looked_at_before_anything_else() {
        insta::assert_snapshot!(problem::<RuleSet>("future = 1\nschema = \"zhanbo.rules/2\""), @r#"
        my.toml:2:10: schema is "zhanbo.rules/2", but what this version of zhanbo reads here is "zhanbo.rules/1"
        请改第 2 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<RuleSet>("schema = \"zhanbo.ladder/1\""), @r#"
        my.toml:1:10: schema is "zhanbo.ladder/1", but what this version of zhanbo reads here is "zhanbo.rules/1"
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<RuleSet>("schema = 1"), @r#"
        my.toml:1:10: schema is "", but what this version of zhanbo reads here is "zhanbo.rules/1"
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<Ladder>("name = \"x\""), @r#"
        my.toml:1:1: the file must say schema = "zhanbo.ladder/1"
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<Ladder>("name = \"x"), @r#"
        my.toml:1:10: invalid basic string, expected `"`
        请改第 1 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
        insta::assert_snapshot!(problem::<RuleSet>(&source_text("plain").unwrap().replace("\"plain\"", "\"简\"")), @r#"
        my.toml:9:8: "简" is not a name: lower-case letters, digits and `-` only
        请改第 9 行；`zhanbo presets template` 会列出每一项的写法和说明
        "#);
    }

    #[test]
    fn a_file_is_read_by_its_path() {
        let text = source_text("plain").unwrap();
        let (_folder, path) = in_file("rules.toml", format!("\u{feff}{text}").as_bytes());
        let path_text = path.to_str().unwrap();
        assert!(is_path(path_text) && is_path("Mine.TOML") && !is_path("plain"));
        assert_eq!(rule_set(path_text).unwrap(), rule_set("plain").unwrap());
        assert_eq!(check_file(&path).unwrap(), PresetKind::Rules);
        let (_folder, path) = in_file("l.toml", source_text("balanced").unwrap().as_bytes());
        assert_eq!(check_file(&path).unwrap(), PresetKind::Ladder);
        let (_folder, path) = in_file("showcase.toml", "title = \"展播\"".as_bytes());
        assert_eq!(check_file(&path).unwrap(), PresetKind::Showcase);
        assert_eq!(showcase(&path).unwrap().title, Some(Text::same("展播")));
    }

    #[test]
    fn a_file_that_can_not_be_a_preset_is_refused_with_a_way_out() {
        let said = |path: &Path| {
            let error = showcase(path).unwrap_err();
            let folder = path.parent().unwrap().display().to_string();
            let text = format!("{error}\n{}", error.hint().in_lang(Lang::Zh));
            text.replace(&folder, "…")
        };
        let (_folder, path) = in_file("showcase.toml", b"title = \"\xd5\xb9\xb2\xa5\"");
        insta::assert_snapshot!(said(&path), @r"
        …/showcase.toml is not UTF-8 text (byte 11)
        请另存为 UTF-8 编码（记事本：另存为 → 编码 → UTF-8）
        ");
        insta::assert_snapshot!(said(&path.with_file_name("none.toml")), @r"
        cannot read …/none.toml
        请检查路径是否写对、文件是否存在、是否有读取权限
        ");
        assert!(matches!(
            showcase(path.parent().unwrap()),
            Err(PresetError::Read { .. })
        ));
        let (_folder, path) = in_file("showcase.toml", &vec![b'#'; (1 << 20) + 1]);
        insta::assert_snapshot!(said(&path), @r"
        …/showcase.toml has 1048577 bytes, more than the limit of 1048576
        预设只有几千字节；这恐怕不是预设文件，请检查路径
        ");
    }
}
