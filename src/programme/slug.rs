//! ASCII names by pinyin. In: any title. Out: lower-case letters and digits. For looks only: identity is the id's.

use pinyin::{ToPinyin, ToPinyinMulti};

use crate::id::SubmissionId;

/// Longest slug of one text in bytes, so that a whole name stays readable in a player's list.
const MAX_LENGTH: usize = 40;
/// Longest slug of unit and title together, so that a name with its number fits everywhere.
const MAX_FILM_LENGTH: usize = 60;

/// Words that read otherwise than their characters one by one, and 长, which is far more often `chang`. The longest that
/// fits counts. Kept by themes: cities, 重, places, 长, music, 行, Tibet, mornings, single words.
#[rustfmt::skip]
const READINGS: [(&str, &str); 150] = [
    ("成都", "chengdu"),
    ("首都", "shoudu"),
    ("新都", "xindu"),
    ("郫都", "pidu"),
    ("都市", "dushi"),
    ("都江堰", "dujiangyan"),
    ("京都", "jingdu"),
    ("古都", "gudu"),
    ("故都", "gudu"),
    ("丰都", "fengdu"),
    ("昌都", "changdu"),
    ("于都", "yudu"),
    ("定都", "dingdu"),
    ("重庆", "chongqing"),
    ("重逢", "chongfeng"),
    ("重阳", "chongyang"),
    ("重走", "chongzou"),
    ("重温", "chongwen"),
    ("重新", "chongxin"),
    ("重唱", "chongchang"),
    ("重奏", "chongzou"),
    ("重返", "chongfan"),
    ("重来", "chonglai"),
    ("重生", "chongsheng"),
    ("重现", "chongxian"),
    ("重聚", "chongju"),
    ("重回", "chonghui"),
    ("重建", "chongjian"),
    ("重归", "chonggui"),
    ("重塑", "chongsu"),
    ("厦门", "xiamen"),
    ("六安", "luan"),
    ("番禺", "panyu"),
    ("牟平", "muping"),
    ("铅山", "yanshan"),
    ("蚌埠", "bengbu"),
    ("什邡", "shifang"),
    ("犍为", "qianwei"),
    ("荥经", "yingjing"),
    ("筠连", "junlian"),
    ("吐蕃", "tubo"),
    ("大宛", "dayuan"),
    ("长", "chang"),
    ("成长", "chengzhang"),
    ("校长", "xiaozhang"),
    ("院长", "yuanzhang"),
    ("生长", "shengzhang"),
    ("家长", "jiazhang"),
    ("团长", "tuanzhang"),
    ("班长", "banzhang"),
    ("队长", "duizhang"),
    ("村长", "cunzhang"),
    ("县长", "xianzhang"),
    ("市长", "shizhang"),
    ("部长", "buzhang"),
    ("首长", "shouzhang"),
    ("增长", "zengzhang"),
    ("助长", "zhuzhang"),
    ("长大", "zhangda"),
    ("长辈", "zhangbei"),
    ("长老", "zhanglao"),
    ("长子", "zhangzi"),
    ("长出", "zhangchu"),
    ("音乐", "yinyue"),
    ("乐曲", "yuequ"),
    ("乐章", "yuezhang"),
    ("乐器", "yueqi"),
    ("乐团", "yuetuan"),
    ("乐队", "yuedui"),
    ("乐谱", "yuepu"),
    ("乐坛", "yuetan"),
    ("乐府", "yuefu"),
    ("声乐", "shengyue"),
    ("器乐", "qiyue"),
    ("民乐", "minyue"),
    ("国乐", "guoyue"),
    ("弦乐", "xianyue"),
    ("管乐", "guanyue"),
    ("鼓乐", "guyue"),
    ("配乐", "peiyue"),
    ("奏乐", "zouyue"),
    ("礼乐", "liyue"),
    ("响乐", "xiangyue"),
    ("银行", "yinhang"),
    ("行业", "hangye"),
    ("行列", "hanglie"),
    ("行家", "hangjia"),
    ("央行", "yanghang"),
    ("西藏", "xizang"),
    ("藏族", "zangzu"),
    ("川藏", "chuanzang"),
    ("青藏", "qingzang"),
    ("藏羌", "zangqiang"),
    ("藏汉", "zanghan"),
    ("藏区", "zangqu"),
    ("藏文", "zangwen"),
    ("藏语", "zangyu"),
    ("藏歌", "zangge"),
    ("藏家", "zangjia"),
    ("宝藏", "baozang"),
    ("今朝", "jinzhao"),
    ("朝阳", "zhaoyang"),
    ("朝霞", "zhaoxia"),
    ("朝夕", "zhaoxi"),
    ("朝气", "zhaoqi"),
    ("朝晖", "zhaohui"),
    ("朝花", "zhaohua"),
    ("朝露", "zhaolu"),
    ("会计", "kuaiji"),
    ("睡觉", "shuijiao"),
    ("了解", "liaojie"),
    ("校对", "jiaodui"),
    ("畜牧", "xumu"),
    ("纤夫", "qianfu"),
    ("投降", "touxiang"),
    ("传记", "zhuanji"),
    ("自传", "zizhuan"),
    ("外传", "waizhuan"),
    ("别传", "biezhuan"),
    ("水浒传", "shuihuzhuan"),
    ("白蛇传", "baishezhuan"),
    ("弹琴", "tanqin"),
    ("弹唱", "tanchang"),
    ("弹奏", "tanzou"),
    ("弹拨", "tanbo"),
    ("评弹", "pingtan"),
    ("协调", "xietiao"),
    ("调整", "tiaozheng"),
    ("调解", "tiaojie"),
    ("调节", "tiaojie"),
    ("调皮", "tiaopi"),
    ("空调", "kongtiao"),
    ("给予", "jiyu"),
    ("供给", "gongji"),
    ("人参", "renshen"),
    ("参差", "cenci"),
    ("薄荷", "bohe"),
    ("便宜", "pianyi"),
    ("模样", "muyang"),
    ("星宿", "xingxiu"),
    ("什么", "shenme"),
    ("角色", "juese"),
    ("主角", "zhujue"),
    ("率领", "shuailing"),
    ("率先", "shuaixian"),
    ("表率", "biaoshuai"),
    ("还乡", "huanxiang"),
    ("归还", "guihuan"),
    ("生还", "shenghuan"),
    ("还原", "huanyuan"),
];

/// A film's name in ASCII, `xinanminzudaxue-aiwozhonghua`; the id where nothing in unit and title has a reading, or where
/// Windows would take the name for a device. Not unique by itself: two films may sound alike.
pub fn film(unit: &str, title: &str, id: &SubmissionId) -> String {
    let unit = slug(unit);
    let rest = MAX_FILM_LENGTH - if unit.is_empty() { 0 } else { unit.len() + 1 };
    let title = slug_within(title, rest.min(MAX_LENGTH));
    let parts: Vec<&str> = [unit.as_str(), title.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    let words = parts.join("-");
    if words.is_empty() || is_device(&words) {
        return id.to_string();
    }
    words
}

/// The text in pinyin without tones; what has no reading is left out.
pub fn slug(text: &str) -> String {
    slug_within(text, MAX_LENGTH)
}

fn slug_within(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let fitting = READINGS.iter().filter(|(word, _)| rest.starts_with(word));
        let (syllable, length) = match fitting.max_by_key(|(word, _)| word.len()) {
            Some((word, reading)) => ((*reading).to_owned(), word.len()),
            None => (reading(first), first.len_utf8()),
        };
        if out.len() + syllable.len() > most {
            break;
        }
        out.push_str(&syllable);
        rest = &rest[length..];
    }
    out
}

/// The text's syllables one by one, for whoever searches by initials: a word that reads otherwise than its characters is
/// taken apart by all readings that they have. What has no reading is left out.
pub fn syllables(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let fitting = READINGS.iter().filter(|(word, _)| rest.starts_with(word));
        if let Some((word, reading)) = fitting.max_by_key(|(word, _)| word.len()) {
            let whole = || vec![(*reading).to_owned()];
            all.extend(taken_apart(word, reading).unwrap_or_else(whole));
            rest = &rest[word.len()..];
        } else {
            all.push(reading(first));
            rest = &rest[first.len_utf8()..];
        }
    }
    all.retain(|syllable| !syllable.is_empty());
    all
}

fn taken_apart(word: &str, reading: &str) -> Option<Vec<String>> {
    let mut characters = word.chars();
    let Some(first) = characters.next() else {
        return reading.is_empty().then(Vec::new);
    };
    let readings = first
        .to_pinyin_multi()?
        .into_iter()
        .map(|p| p.plain().replace('ü', "v"));
    readings.into_iter().find_map(|syllable| {
        let after = reading.strip_prefix(syllable.as_str())?;
        let mut all = taken_apart(characters.as_str(), after)?;
        all.insert(0, syllable);
        Some(all)
    })
}

/// Names that Windows keeps for devices, whatever follows a dot.
fn is_device(name: &str) -> bool {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(name, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

fn reading(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        return character.to_ascii_lowercase().to_string();
    }
    // ü is written v, as on keyboards.
    character
        .to_pinyin()
        .map(|p| p.plain().replace('ü', "v"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_letters_that_every_player_takes() {
        let slugs: Vec<_> = [
            "爱我中华",
            "重庆大学",
            "四川音乐学院",
            "Ver.2 绿色",
            "𠮷!",
            "",
        ]
        .map(slug)
        .to_vec();
        assert_eq!(
            slugs,
            [
                "aiwozhonghua",
                "chongqingdaxue",
                "sichuanyinyuexueyuan",
                "ver2lvse",
                "",
                ""
            ]
        );
    }

    #[test]
    fn syllables_are_those_of_the_word() {
        assert_eq!(
            syllables("重庆大学 Ver.2!").join(" "),
            "chong qing da xue v e r 2"
        );
        assert_eq!(syllables("成都音乐𠮷").join(" "), "cheng du yin yue");
        let whole: Vec<&str> = READINGS
            .iter()
            .filter(|(word, _)| syllables(word).len() != word.chars().count())
            .map(|(word, _)| *word)
            .collect();
        assert_eq!(whole, [""; 0], "these are not taken apart");
    }

    #[test]
    fn a_long_title_ends_at_a_syllable() {
        let long = slug(&"中".repeat(100));
        assert_eq!(long.len(), 40);
        assert!(slug(&"状".repeat(100)).len() <= 40);
    }

    #[test]
    fn units_and_titles_of_the_field_read_as_people_say_them() {
        let said: Vec<String> = [
            "成都中医药大学",
            "成都理工大学",
            "成都信息工程大学",
            "西南交通大学",
            "四川轻化工大学",
            "乐山师范学院",
            "阿坝师范学院",
            "甘孜职业学院",
            "四川长江职业学院",
            "四川音乐学院",
            "四川传媒学院",
            "西藏民族大学",
            "厦门大学",
            "长安大学",
            "犍为",
            "郫都",
            "什邡",
            "邛崃",
            "新都",
            "长宁",
            "乐至",
            "会理",
            "荥经",
            "我们的食堂",
            "重走长征路",
            "校长的成长",
            "今朝",
            "合唱团配乐",
            "快乐行走",
            "还看今朝",
            "藏族儿女",
            "川藏线",
            "进行曲",
            "西南财经大学天府学院",
        ]
        .iter()
        .map(|text| format!("{text} {}", slug(text)))
        .collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        成都中医药大学 chengduzhongyiyaodaxue
        成都理工大学 chengduligongdaxue
        成都信息工程大学 chengduxinxigongchengdaxue
        西南交通大学 xinanjiaotongdaxue
        四川轻化工大学 sichuanqinghuagongdaxue
        乐山师范学院 leshanshifanxueyuan
        阿坝师范学院 abashifanxueyuan
        甘孜职业学院 ganzizhiyexueyuan
        四川长江职业学院 sichuanchangjiangzhiyexueyuan
        四川音乐学院 sichuanyinyuexueyuan
        四川传媒学院 sichuanchuanmeixueyuan
        西藏民族大学 xizangminzudaxue
        厦门大学 xiamendaxue
        长安大学 changandaxue
        犍为 qianwei
        郫都 pidu
        什邡 shifang
        邛崃 qionglai
        新都 xindu
        长宁 changning
        乐至 lezhi
        会理 huili
        荥经 yingjing
        我们的食堂 womendeshitang
        重走长征路 chongzouchangzhenglu
        校长的成长 xiaozhangdechengzhang
        今朝 jinzhao
        合唱团配乐 hechangtuanpeiyue
        快乐行走 kuailexingzou
        还看今朝 haikanjinzhao
        藏族儿女 zangzuernv
        川藏线 chuanzangxian
        进行曲 jinxingqu
        西南财经大学天府学院 xinancaijingdaxuetianfuxueyuan
        ");
    }

    #[test]
    fn a_films_name_is_short_ascii_and_never_a_device() {
        let id = SubmissionId::of("a.mp4");
        assert_eq!(
            film("西南民族大学", "爱我中华", &id),
            "xinanminzudaxue-aiwozhonghua"
        );
        assert_eq!(film("𠮷", "！", &id), id.to_string());
        assert_eq!(film("", "雨", &id), "yu");
        assert_eq!(film("CON", "", &id), id.to_string());
        assert_eq!(film("", "LPT1", &id), id.to_string());
        let long = film(&"状".repeat(100), &"状".repeat(100), &id);
        assert!(long.len() <= 60 && !long.ends_with('-'), "{long}");
    }

    proptest::proptest! {
        #[test]
        fn every_film_has_a_name_that_every_player_takes(unit in "\\PC{0,30}", title in "[\\PC长成都]{0,30}") {
            let name = film(&unit, &title, &SubmissionId::of("x"));
            proptest::prop_assert!(!name.is_empty() && name.len() <= MAX_FILM_LENGTH);
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            proptest::prop_assert!(name.bytes().all(plain));
        }
    }
}
