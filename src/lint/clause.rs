//! The clauses, as data: what each asks, how binding it is, how to mend what breaks it. In: nothing. Out: [`Clause`] and
//! its [`About`]. Whether a package keeps a clause is judged elsewhere; what a clause says is written here only.
//!
//! Numbers are those of RFC 8216, of draft-pantos-hls-rfc8216bis, of ISO/IEC 14496-12, of W3C's WebVTT, and of Apple's HLS
//! Authoring Specification. Apple counts anew from edition to edition: two numbers with a stroke say that one of them is
//! meant. `zhanbo-…` is no standard's clause but what makes a package safe to copy.

use serde::Serialize;

use crate::text::Text;

/// How binding a clause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The standard says MUST.
    Error,
    /// The standard says SHOULD.
    Warning,
    /// Good to know: something that was not checked, or that only people can judge.
    Note,
}

impl Level {
    /// The level in a word.
    pub fn text(self) -> Text {
        match self {
            Level::Error => Text::new("错误", "error"),
            Level::Warning => Text::new("警告", "warning"),
            Level::Note => Text::new("提示", "note"),
        }
    }
}

/// What is known about a clause.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// The standard and its number: `RFC8216-4.3.3.1`.
    pub clause: &'static str,
    /// How binding it is.
    pub level: Level,
    asks: (&'static str, &'static str),
    remedy: (&'static str, &'static str),
}

impl About {
    /// What the clause asks for.
    pub fn asks(&self) -> Text {
        Text::new(self.asks.0, self.asks.1)
    }

    /// How to mend what breaks it.
    pub fn remedy(&self) -> Text {
        Text::new(self.remedy.0, self.remedy.1)
    }
}

macro_rules! clauses {
    ($($name:ident $clause:literal $level:ident $asks_zh:literal $asks_en:literal => $fix_zh:literal $fix_en:literal;)*) => {
        /// One thing that is asked of a package.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Clause {
            $(#[doc = $asks_en] $name,)*
        }

        impl Clause {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Clause] = &[$(Clause::$name,)*];

            /// What is known about it.
            pub fn about(self) -> About {
                match self {
                    $(Clause::$name => About {
                        clause: $clause,
                        level: Level::$level,
                        asks: ($asks_zh, $asks_en),
                        remedy: ($fix_zh, $fix_en),
                    },)*
                }
            }
        }
    };
}

impl Clause {
    /// Its own name, as several checks may stand under one number: `target-duration-fits`.
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }
}

clauses! {
    // The text of a playlist.
    PlainUtf8 "RFC8216-4.1" Error
        "播放列表是 UTF-8 文本，没有 BOM，没有控制字符" "a playlist is UTF-8 text without byte order mark and control characters"
        => "另存为 UTF-8（无 BOM）" "save it as UTF-8 without BOM";
    BeginsWithExtm3u "RFC8216-4.3.1.1" Error
        "第一行是 #EXTM3U" "the first line is #EXTM3U"
        => "把 #EXTM3U 写在第一行" "write #EXTM3U as the first line";
    VersionOnce "RFC8216-4.3.1.2" Error
        "EXT-X-VERSION 最多出现一次，是一个整数" "EXT-X-VERSION stands at most once and is an integer"
        => "只保留一个 EXT-X-VERSION" "keep one EXT-X-VERSION";
    VersionFits "RFC8216-7" Error
        "EXT-X-VERSION 不低于所用功能的要求" "EXT-X-VERSION is as high as the features used need"
        => "提高 EXT-X-VERSION，fMP4 用 7" "raise EXT-X-VERSION; 7 fits fragmented MP4";
    OneKind "RFC8216-4.1" Error
        "一个文件不同时含有多码率标签和分片标签" "a file holds tags of multivariant or of media playlists, never of both"
        => "拆成两个播放列表" "split it into two playlists";
    TagOnce "RFC8216-4.3.3" Error
        "描述整个列表的标签每种最多一次" "each tag about the whole playlist stands at most once"
        => "删去重复的一行" "remove the repeated line";
    TagForm "RFC8216-4.3" Error
        "标签的值写法正确" "the value of a tag has the form that the tag wants"
        => "按标准改正这一行" "correct the line";
    AttributeForm "RFC8216-4.2" Error
        "属性写成 名称=值，以逗号分隔，类型正确" "attributes are NAME=VALUE, set apart by commas, each of its type"
        => "按标准改正引号、逗号、数字的写法" "correct quotes, commas and numbers";
    AttributeOnce "RFC8216-4.2" Error
        "一个标签里同一属性不出现两次" "no attribute stands twice in one tag"
        => "删去重复的属性" "remove one of the two";
    EnumeratedValue "RFC8216-4.2" Error
        "枚举值是标准里列出的" "an enumerated value is one that the standard lists"
        => "改成括号里列出的一个" "use one of those in brackets";
    UnknownAttribute "RFC8216-6.3.1" Note
        "播放器会忽略不认识的属性" "players ignore attributes that they do not know"
        => "检查拼写" "check the spelling";
    UnknownTag "RFC8216-6.3.1" Note
        "播放器会忽略不认识的标签" "players ignore tags that they do not know"
        => "检查拼写" "check the spelling";
    SomethingToPlay "RFC8216-2" Error
        "列表里至少有一个分片或一个码率版本" "a playlist lists at least one segment or one variant"
        => "重新打包" "package it again";
    PlaylistName "RFC8216-4" Warning
        "播放列表以 .m3u8 结尾" "a playlist's name ends in .m3u8"
        => "改名，并改正引用它的列表" "rename it and what refers to it";

    // A media playlist.
    ExtinfWithUri "RFC8216-4.3.2.1" Error
        "每个分片前有 EXTINF，每个 EXTINF 后有分片" "each segment has its EXTINF, each EXTINF its segment"
        => "补上缺的一行" "add the missing line";
    ByteRangeKnown "RFC8216-4.3.2.2" Error
        "没有写起点的字节范围，前面要有同一文件的范围" "a byte range without offset follows another of the same file"
        => "写成 长度@起点" "write LENGTH@OFFSET";
    DiscontinuityAtChange "RFC8216-4.3.2.3" Error
        "中途换了初始化分片，要有 EXT-X-DISCONTINUITY" "a new EXT-X-MAP in the middle comes with EXT-X-DISCONTINUITY"
        => "在新的 EXT-X-MAP 前加 EXT-X-DISCONTINUITY" "put EXT-X-DISCONTINUITY before the new EXT-X-MAP";
    KeyRequired "RFC8216-4.3.2.4" Error
        "EXT-X-KEY 有 METHOD，加密时有 URI" "EXT-X-KEY has METHOD, and URI unless METHOD is NONE"
        => "补上属性" "add the attribute";
    MapRequired "RFC8216-3.3" Error
        "fMP4 分片之前有 EXT-X-MAP" "fragmented MP4 segments come after an EXT-X-MAP"
        => "加上 #EXT-X-MAP:URI=\"init.mp4\"" "add #EXT-X-MAP:URI=\"init.mp4\"";
    MapUri "RFC8216-4.3.2.5" Error
        "EXT-X-MAP 有 URI" "EXT-X-MAP has URI"
        => "补上 URI=\"…\"" "add URI=\"…\"";
    DateRangeRequired "RFC8216-4.3.2.7" Error
        "EXT-X-DATERANGE 有 ID 和 START-DATE" "EXT-X-DATERANGE has ID and START-DATE"
        => "补上属性" "add the attributes";
    TargetDurationRequired "RFC8216-4.3.3.1" Error
        "有 EXT-X-TARGETDURATION" "there is an EXT-X-TARGETDURATION"
        => "写上最长分片的秒数（四舍五入）" "add it: the longest segment's seconds, rounded";
    TargetDurationFits "RFC8216-4.3.3.1" Error
        "每个 EXTINF 四舍五入后不超过 EXT-X-TARGETDURATION" "no EXTINF, rounded, is above EXT-X-TARGETDURATION"
        => "提高 EXT-X-TARGETDURATION，或把分片切短" "raise EXT-X-TARGETDURATION or cut shorter segments";
    MediaSequenceFirst "RFC8216-4.3.3.2" Error
        "EXT-X-MEDIA-SEQUENCE 在第一个分片之前" "EXT-X-MEDIA-SEQUENCE stands before the first segment"
        => "移到前面" "move it up";
    DiscontinuitySequenceFirst "RFC8216-4.3.3.3" Error
        "EXT-X-DISCONTINUITY-SEQUENCE 在第一个分片和 EXT-X-DISCONTINUITY 之前"
        "EXT-X-DISCONTINUITY-SEQUENCE stands before the first segment and EXT-X-DISCONTINUITY"
        => "移到前面" "move it up";
    EndList "RFC8216-4.3.3.4" Error
        "点播列表以 EXT-X-ENDLIST 结束，否则播放器当作直播" "a finished playlist has EXT-X-ENDLIST; without it players wait for more"
        => "在最后加 #EXT-X-ENDLIST" "add #EXT-X-ENDLIST as the last line";
    PlaylistTypeVod "RFC8216-4.3.3.5" Warning
        "点播列表写明 EXT-X-PLAYLIST-TYPE:VOD（Apple 8.6/8.20）" "a finished playlist says EXT-X-PLAYLIST-TYPE:VOD (Apple 8.6/8.20)"
        => "加 #EXT-X-PLAYLIST-TYPE:VOD" "add #EXT-X-PLAYLIST-TYPE:VOD";
    StartRequired "RFC8216-4.3.5.2" Error
        "EXT-X-START 有 TIME-OFFSET，不超过片长" "EXT-X-START has a TIME-OFFSET inside the playlist"
        => "改正 TIME-OFFSET" "correct TIME-OFFSET";
    SixSecondTarget "Apple-7.5" Warning
        "目标时长是 6 秒" "the target duration is 6 seconds"
        => "按 6 秒切片" "cut segments of 6 seconds";
    SegmentNotTooLong "Apple-7.6/7.7" Error
        "没有分片比目标时长长 0.5 秒以上" "no segment really lasts 0.5 s more than the target duration"
        => "在更近的关键帧处切片" "cut at a nearer key frame";
    SegmentNotEmpty "Apple-7.6/7.7" Error
        "没有时长为零的分片" "no segment lasts zero seconds"
        => "删去或并入前一个分片" "remove it or join it to the one before";

    // A multivariant playlist.
    BandwidthRequired "RFC8216-4.3.4.2" Error
        "EXT-X-STREAM-INF 有 BANDWIDTH" "EXT-X-STREAM-INF has BANDWIDTH"
        => "写上实测的峰值码率" "add the measured peak bit rate";
    VariantUri "RFC8216-4.3.4.2" Error
        "EXT-X-STREAM-INF 的下一行是播放列表的地址" "the line after EXT-X-STREAM-INF is the playlist's URI"
        => "补上地址，或删去这一行" "add the URI or remove the line";
    GroupDefined "RFC8216-4.3.4.2.1" Error
        "引用的 GROUP-ID 都有 EXT-X-MEDIA 定义，类型一致" "each group that a variant names is defined by an EXT-X-MEDIA of that type"
        => "改正组名，或补上 EXT-X-MEDIA" "correct the name or add the EXT-X-MEDIA";
    GroupUsed "RFC8216-4.3.4.1.1" Note
        "定义的组有版本引用" "a group that is defined is used by a variant"
        => "在 EXT-X-STREAM-INF 里引用，或删去" "name it in EXT-X-STREAM-INF or remove it";
    ClosedCaptionsNone "RFC8216-4.3.4.2" Error
        "一个版本写 CLOSED-CAPTIONS=NONE，其他也要写" "where one variant says CLOSED-CAPTIONS=NONE, all do"
        => "所有版本写成一样" "write it on all variants";
    MediaRequired "RFC8216-4.3.4.1" Error
        "EXT-X-MEDIA 有 TYPE、GROUP-ID、NAME" "EXT-X-MEDIA has TYPE, GROUP-ID and NAME"
        => "补上属性" "add the attribute";
    MediaUri "RFC8216-4.3.4.1" Error
        "字幕有 URI，CLOSED-CAPTIONS 没有 URI" "SUBTITLES have a URI, CLOSED-CAPTIONS have none"
        => "补上或删去 URI" "add or remove URI";
    InstreamId "RFC8216-4.3.4.1" Error
        "只有 CLOSED-CAPTIONS 有 INSTREAM-ID，值是 CC1–CC4 或 SERVICE1–63"
        "CLOSED-CAPTIONS, and nothing else, have INSTREAM-ID: CC1 to CC4 or SERVICE1 to SERVICE63"
        => "改正 INSTREAM-ID" "correct INSTREAM-ID";
    ForcedOnSubtitles "RFC8216-4.3.4.1" Error
        "只有字幕可以写 FORCED" "only SUBTITLES have FORCED"
        => "删去 FORCED" "remove FORCED";
    DefaultIsAutoselect "RFC8216-4.3.4.1" Error
        "DEFAULT=YES 时 AUTOSELECT 不能是 NO" "with DEFAULT=YES, AUTOSELECT is not NO"
        => "改成 AUTOSELECT=YES" "write AUTOSELECT=YES";
    NameUnique "RFC8216-4.3.4.1.1" Error
        "一组里的 NAME 各不相同" "each NAME in a group is another"
        => "换一个名字" "give it another name";
    OneDefault "RFC8216-4.3.4.1.1" Error
        "一组里最多一个 DEFAULT=YES" "a group has at most one DEFAULT=YES"
        => "其余改成 DEFAULT=NO" "write DEFAULT=NO on the others";
    AutoselectDistinct "RFC8216-4.3.4.1.1" Warning
        "一组里 AUTOSELECT=YES 的轨道，语言等不完全相同" "AUTOSELECT=YES renditions of a group differ in language, forced or characteristics"
        => "第二个改成 AUTOSELECT=NO" "write AUTOSELECT=NO on the second";
    GroupsAlike "RFC8216-4.3.4.1.1" Error
        "同类型各组的成员相同" "all groups of a type have the same members"
        => "补上缺的成员" "add the missing member";
    LanguageForm "RFC8216-4.3.4.1" Error
        "LANGUAGE 是 BCP 47 语言标签" "LANGUAGE is a BCP 47 tag"
        => "写成 zh、en、ii 之类" "write zh, en, ii or the like";
    LanguageRequired "Apple-4.5/4.7" Error
        "每个音频、字幕轨道有 LANGUAGE" "each EXT-X-MEDIA but TYPE=VIDEO has LANGUAGE"
        => "加 LANGUAGE=\"zh\"" "add LANGUAGE=\"zh\"";
    IFrameStreamRequired "RFC8216-4.3.4.3" Error
        "EXT-X-I-FRAME-STREAM-INF 有 BANDWIDTH 和 URI" "EXT-X-I-FRAME-STREAM-INF has BANDWIDTH and URI"
        => "补上属性" "add the attribute";
    SessionDataRequired "RFC8216-4.3.4.4" Error
        "EXT-X-SESSION-DATA 有 DATA-ID，VALUE 与 URI 二者之一" "EXT-X-SESSION-DATA has DATA-ID and one of VALUE and URI"
        => "补上属性" "add the attribute";
    SessionKeyRequired "RFC8216-4.3.4.5" Error
        "EXT-X-SESSION-KEY 有 URI，METHOD 不是 NONE" "EXT-X-SESSION-KEY has a URI and a METHOD other than NONE"
        => "改正属性" "correct the attributes";
    CodecsRequired "Apple-9.1" Error
        "每个版本有 CODECS" "each variant has CODECS"
        => "加 CODECS=\"avc1.640028,mp4a.40.2\" 之类" "add it, like CODECS=\"avc1.640028,mp4a.40.2\"";
    ResolutionRequired "Apple-9.2" Error
        "每个有画面的版本有 RESOLUTION" "each variant with a picture has RESOLUTION"
        => "加 RESOLUTION=宽x高" "add RESOLUTION=WIDTHxHEIGHT";
    AverageBandwidthRequired "Apple-9.14" Error
        "每个版本有 AVERAGE-BANDWIDTH" "each variant has AVERAGE-BANDWIDTH"
        => "写上实测的平均码率" "add the measured average bit rate";
    FrameRateRequired "Apple-9.15" Error
        "每个有画面的版本有 FRAME-RATE" "each variant with a picture has FRAME-RATE"
        => "加 FRAME-RATE=25.000 之类" "add it, like FRAME-RATE=25.000";
    IndependentDeclared "Apple-9.11" Error
        "多码率列表写明 EXT-X-INDEPENDENT-SEGMENTS" "the multivariant playlist says EXT-X-INDEPENDENT-SEGMENTS"
        => "加 #EXT-X-INDEPENDENT-SEGMENTS" "add #EXT-X-INDEPENDENT-SEGMENTS";
    SeveralRates "Apple-9.9/9.10" Warning
        "有几种码率可选" "there are several bit rates to choose from"
        => "再做一个较小的版本" "make a smaller variant, too";
    FirstVariant "Apple-1.32" Warning
        "最接近 2000 kb/s 的版本排在第一" "the variant nearest to 2000 kb/s comes first"
        => "把它移到第一个" "move it to the front";
    OneAspect "Apple-1.33" Error
        "所有版本的宽高比相同" "all variants have the same aspect ratio"
        => "用同一宽高比重新转码" "encode with one aspect ratio";

    // Files.
    FilePresent "RFC8216-6.2.1" Error
        "列表里的文件都在" "every file that a playlist names is there"
        => "补上文件，或重新打包" "put the file there or package again";
    InsidePackage "zhanbo-folder" Warning
        "列表不引用包以外的文件" "a playlist names nothing outside of its package's folder"
        => "把文件放进包里，用相对路径" "put the file into the folder and use a relative path";
    NotLocal "zhanbo-local" Note
        "网络地址没有检查" "addresses on the network are not checked"
        => "下载后再检查" "download it and check again";
    TransportStream "zhanbo-ts" Note
        "MPEG-2 TS 分片：只检查了播放列表的条款" "MPEG-2 TS segments: only playlist clauses were checked"
        => "改用 fMP4，可以检查全部条款" "package as fragmented MP4 to have every clause checked";
    Encrypted "zhanbo-encrypted" Note
        "加密的分片没有打开" "encrypted segments were not looked into"
        => "检查加密之前的包" "check the package before it is encrypted";
    SegmentWhole "RFC8216-3.3" Error
        "文件完整：没有被截断、没有坏的结构" "a file is whole: nothing cut off, no broken structure"
        => "重新打包或重新复制" "package or copy it again";
    SegmentFormat "RFC8216-3" Error
        "分片是 fMP4、TS、AAC 或 WebVTT" "a segment is fragmented MP4, MPEG-2 TS, packed audio or WebVTT"
        => "重新打包" "package it again";
    SegmentName "Apple-10.4" Warning
        "扩展名说明内容：.mp4 .m4s .ts .aac .vtt，服务器才能给出正确的类型"
        "the name's ending says what it is (.mp4 .m4s .ts .aac .vtt), so that servers send the right type"
        => "改名，并改正播放列表" "rename it and correct the playlist";
    InitBrand "RFC8216-3.3" Error
        "初始化分片以 ftyp 开始，含 iso6 或更新的品牌" "an initialisation segment begins with ftyp and a brand of iso6 or newer"
        => "重新打包" "package it again";
    InitEmpty "RFC8216-3.3" Error
        "初始化分片不含样本，时长为零" "an initialisation segment has no samples, and durations of zero"
        => "重新打包" "package it again";
    InitExtends "RFC8216-3.3" Error
        "初始化分片的 moov 以 mvex 结束，每条轨道有 trex" "moov ends with mvex, which has a trex for every track"
        => "重新打包" "package it again";
    FragmentHasTime "RFC8216-3.3" Error
        "每个片段有 tfdt" "each track fragment has a tfdt"
        => "重新打包" "package it again";
    FragmentRelative "RFC8216-3.3" Error
        "片段里的位置从 moof 算起" "offsets in a fragment count from its moof"
        => "用 default-base-is-moof 重新打包" "package again with default-base-is-moof";
    FragmentTrack "RFC8216-3.3" Error
        "片段属于初始化分片里的轨道" "a fragment belongs to a track of the initialisation segment"
        => "重新打包" "package it again";
    FragmentOrder "ISO14496-12-8.8.5" Warning
        "片段的序号递增" "the sequence numbers of fragments rise"
        => "检查分片的顺序" "check the order of the segments";
    Continuous "Apple-7.3/8.1" Error
        "分片的时间首尾相接，没有空隙和重叠" "segments follow each other in time, without gap and overlap"
        => "检查分片的顺序，或重新打包" "check the order of segments or package again";
    ExtinfTrue "Apple-7.3/8.1" Error
        "EXTINF 与分片的真实时长相差不超过一帧" "an EXTINF is within one frame of the segment's real length"
        => "写上真实时长" "write the real length";
    IndependentTrue "RFC8216-4.3.5.1" Error
        "写了 EXT-X-INDEPENDENT-SEGMENTS，每个分片就要以关键帧开始"
        "with EXT-X-INDEPENDENT-SEGMENTS each segment begins with a key frame"
        => "在关键帧处切片" "cut at key frames";
    SegmentStartsWithKey "Apple-7.4" Error
        "每个分片以关键帧开始" "each segment begins with a key frame"
        => "在关键帧处切片" "cut at key frames";
    KeyIsIdr "ISO14496-15-5" Error
        "标为关键帧的样本是 IDR" "a sample that says it is a sync sample is an IDR picture"
        => "用封闭 GOP 重新转码" "encode again with closed GOPs";
    KeyEveryTwoSeconds "Apple-1.13" Warning
        "每 2 秒一个关键帧" "there is a key frame every 2 seconds"
        => "转码时把关键帧间隔设为 2 秒" "encode with a key frame interval of 2 s";
    Aligned "RFC8216-6.2.4" Error
        "各版本的分片在同一时间切开（Apple 8.22）" "all variants are cut at the same times (Apple 8.22)"
        => "所有版本用同样的关键帧位置和切片长度" "use the same key frames and segment length for all";
    SameTarget "RFC8216-6.2.4" Error
        "所有列表的 EXT-X-TARGETDURATION 相同（Apple 8.2）" "all playlists have the same EXT-X-TARGETDURATION (Apple 8.2)"
        => "都写最大的那个" "write the largest on all";
    SameTotal "Apple-8.3/8.7" Error
        "画面和声音的总长相同" "picture and sound have the same total"
        => "把较短的补足，重新打包" "fill up the shorter one and package again";

    // The picture.
    CodecsTrue "RFC8216-4.3.4.2" Error
        "CODECS 与文件里的编码一致" "CODECS says what the files hold"
        => "按文件改正 CODECS" "correct CODECS by the files";
    ResolutionTrue "RFC8216-4.3.4.2" Error
        "RESOLUTION 与画面一致" "RESOLUTION is the picture's size"
        => "按文件改正 RESOLUTION" "correct RESOLUTION by the files";
    SizesAgree "ISO14496-12-8.3.2" Error
        "SPS、样本描述、tkhd 里的尺寸一致" "SPS, sample entry and tkhd agree about the size"
        => "重新打包" "package it again";
    FrameRateTrue "RFC8216-4.3.4.2" Error
        "FRAME-RATE 与画面一致" "FRAME-RATE is the picture's"
        => "按文件改正 FRAME-RATE" "correct FRAME-RATE by the files";
    FrameRateStandard "Apple-1.18/1.19" Warning
        "帧率是 23.976、24、25、29.97、30、50、59.94、60 之一" "the frame rate is one of 23.976, 24, 25, 29.97, 30, 50, 59.94, 60"
        => "转码到最近的标准帧率" "encode at the nearest standard rate";
    PictureCodec "Apple-1.1" Error
        "画面是 H.264 或 HEVC" "the picture is H.264 or HEVC"
        => "转码成 H.264" "encode as H.264";
    HighProfile "Apple-1.4" Warning
        "H.264 用 High" "H.264 is of High profile"
        => "用 -profile:v high、yuv420p 转码" "encode with -profile:v high and yuv420p";
    ParametersOutside "Apple-1.10" Warning
        "样本描述是 avc1 / hvc1" "the sample entry is avc1 or hvc1"
        => "打包成 avc1 / hvc1" "package as avc1 or hvc1";
    SomeLevel41 "Apple-1.3/1.11" Warning
        "至少一个版本的级别不超过 4.1" "at least one variant's level is 4.1 or lower"
        => "再做一个 1080p30 或更小的版本" "make a variant of 1080p30 or less, too";
    LevelNeeded "Apple-1.3/1.11" Warning
        "级别不高于需要" "the level is no higher than needed"
        => "让编码器自己选级别" "let the encoder choose the level";
    Progressive "Apple-1.14/1.15" Error
        "画面是逐行的" "the picture is progressive"
        => "去隔行后转码" "deinterlace and encode again";
    ColourTagged "Apple-1.21" Warning
        "SPS 写明颜色，SDR 是 bt709" "the SPS says which colours: bt709 for SDR"
        => "转码时写明 bt709" "encode with bt709 tagged";
    ColourSame "Apple-1.21" Error
        "所有版本的颜色相同" "all variants have the same colours"
        => "所有版本用同样的颜色设置" "encode all with the same colours";
    VideoRangeTrue "Apple-9.16" Error
        "VIDEO-RANGE 与画面一致" "VIDEO-RANGE is the picture's"
        => "SDR 写 VIDEO-RANGE=SDR 或不写" "write VIDEO-RANGE=SDR, or nothing, for SDR";

    // Bit rates.
    AverageTrue "Apple-1.26" Error
        "AVERAGE-BANDWIDTH 与实测平均码率相差不超过 10%" "AVERAGE-BANDWIDTH is within 10 % of the measured average"
        => "写上实测值" "write what was measured";
    PeakTrue "Apple-1.27" Error
        "BANDWIDTH 与实测峰值码率相差不超过 10%" "BANDWIDTH is within 10 % of the measured peak"
        => "写上实测值" "write what was measured";
    CountsEverything "Apple-9.13" Error
        "BANDWIDTH 和 AVERAGE-BANDWIDTH 包括一起播放的声音和字幕" "BANDWIDTH and AVERAGE-BANDWIDTH count sound and subtitles, too"
        => "把声音和字幕的码率加进去" "add the rates of sound and subtitles";
    PeakBelowTwice "Apple-1.30" Warning
        "峰值码率不超过平均的 200%" "the peak bit rate is at most 200 % of the average"
        => "转码时限制最大码率" "encode with a lower maximum rate";

    // The sound.
    SoundCodec "Apple-2.3" Warning
        "声音是 AAC-LC" "the sound is AAC-LC"
        => "转成 AAC-LC" "encode as AAC-LC";
    SoundStereo "Apple-2.4" Warning
        "有立体声" "the sound is stereo"
        => "混成立体声" "mix it to stereo";
    SoundSampleRate "Apple-2.3" Warning
        "采样率 48 kHz" "the sampling rate is 48 kHz"
        => "重采样到 48 kHz" "resample to 48 kHz";
    SoundBitRate "Apple-2.9" Warning
        "立体声 96–160 kb/s" "stereo has 96 to 160 kb/s"
        => "用 128 kb/s" "encode at 128 kb/s";
    ChannelsTrue "RFC8216bis-4.4.6.1" Error
        "CHANNELS 与声音一致" "CHANNELS is the sound's number of channels"
        => "按文件改正 CHANNELS" "correct CHANNELS by the files";

    // Subtitles.
    VttHeader "WebVTT-4.1" Error
        "字幕分片是 UTF-8，以 WEBVTT 开始" "a subtitle segment is UTF-8 and begins with WEBVTT"
        => "第一行写 WEBVTT，存为 UTF-8" "write WEBVTT as the first line, save as UTF-8";
    VttTimestampMap "RFC8216-3.5" Error
        "每个字幕分片有正确的 X-TIMESTAMP-MAP" "each subtitle segment has a well-formed X-TIMESTAMP-MAP"
        => "在 WEBVTT 下一行加 X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"
        "add X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000 below WEBVTT";
    VttMapSame "Apple-5.2/5.5" Error
        "没有中断时各分片的 X-TIMESTAMP-MAP 相同" "without a discontinuity all segments have the same X-TIMESTAMP-MAP"
        => "写成一样" "write the same on all";
    CueForm "WebVTT-4.1" Error
        "字幕时间写作 时:分:秒.毫秒，结束晚于开始" "cue times are HH:MM:SS.mmm, and the end is after the start"
        => "改正时间" "correct the times";
    CueOrder "WebVTT-4.1" Error
        "一个文件里的字幕按开始时间排列" "the cues of a file are in the order of their starts"
        => "按时间排序" "sort them";
    CueEscaped "WebVTT-4.2" Warning
        "字幕正文里的 & 和 < 要转义" "& and < in a cue's text are escaped"
        => "写成 &amp; 和 &lt;" "write &amp; and &lt;";
    CueInSegment "RFC8216-3.5" Warning
        "字幕放在它显示的那个分片里" "a cue stands in a segment during which it is shown"
        => "重新切分字幕" "cut the subtitles again";
    CueCarried "RFC8216-3.5" Error
        "跨分片的字幕在两个分片里都有" "a cue over a boundary stands in both segments"
        => "重新切分字幕" "cut the subtitles again";
    SubtitlesCover "Apple-5.2/5.5" Error
        "字幕列表覆盖全片，没有字幕的段落也有空分片" "the subtitle playlist covers the whole film, empty segments included"
        => "补上空的字幕分片" "add empty subtitle segments";
    CueReadable "zhanbo-reading" Note
        "字幕好读：5/6 至 7 秒，最多 2 行，每行约 16 个汉字" "cues can be read: 5/6 to 7 s, at most 2 lines of about 16 Chinese characters"
        => "拆分或合并字幕" "split or join cues";

    // I-frame playlists.
    IFramesThere "Apple-6.1" Warning
        "有 I 帧列表，拖动时能看到画面" "there are I-frame playlists, for pictures while seeking"
        => "加 EXT-X-I-FRAME-STREAM-INF 和 I 帧列表" "add EXT-X-I-FRAME-STREAM-INF and I-frame playlists";
    IFramesOnly "RFC8216-4.3.4.3" Error
        "EXT-X-I-FRAME-STREAM-INF 指向的列表有 EXT-X-I-FRAMES-ONLY" "what EXT-X-I-FRAME-STREAM-INF names has EXT-X-I-FRAMES-ONLY"
        => "加 #EXT-X-I-FRAMES-ONLY" "add #EXT-X-I-FRAMES-ONLY";
    IFrameCodecs "Apple-9.3" Error
        "每个 I 帧版本有 CODECS" "each I-frame variant has CODECS"
        => "加 CODECS=\"avc1.640028\" 之类" "add it, like CODECS=\"avc1.640028\"";
    IFrameResolution "Apple-9.4" Error
        "每个 I 帧版本有 RESOLUTION" "each I-frame variant has RESOLUTION"
        => "加 RESOLUTION=宽x高" "add RESOLUTION=WIDTHxHEIGHT";
    IFrameRange "Apple-6.1/6.10" Error
        "I 帧的字节范围从 moof 开始，含完整的第一个样本" "an I-frame's byte range begins with its moof and holds the whole first sample"
        => "范围写成 moof 的起点到 I 帧的结尾" "let it reach from the moof to the I-frame's end";
    IFrameIsKey "RFC8216-4.3.3.6" Error
        "I 帧列表里的每一项是 I 帧" "each entry of an I-frame playlist is an I-frame"
        => "指向关键帧" "point at key frames";
    IFrameTotal "RFC8216-4.3.3.6" Error
        "I 帧列表的总长等于影片" "the lengths in an I-frame playlist add up to the film"
        => "EXTINF 写到下一个 I 帧的时间" "let EXTINF be the time to the next I-frame";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_as_words() {
        assert_eq!(Clause::TargetDurationFits.name(), "target-duration-fits");
        let mut names: Vec<_> = Clause::ALL.iter().map(|clause| clause.name()).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
