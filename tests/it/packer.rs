//! Archives byte by byte, right ones and hostile ones. In: entries. Out: the bytes of a ZIP, RAR 4, RAR 5 or tar. By hand,
//! because no packer makes two entries of one name, a name that climbs, or a size that lies.

use std::io::Write as _;

use encoding_rs::GB18030;

/// One entry of a ZIP; the default is a stored file packed on Windows, with its name in bytes.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) name: Vec<u8>,
    pub(crate) data: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) size: u32,
    pub(crate) crc: u32,
    pub(crate) system: u8,
    pub(crate) attributes: u32,
    pub(crate) extra: Vec<u8>,
    /// The local header's place, where the directory lies about it.
    pub(crate) at: Option<u32>,
}

pub(crate) fn item(name: impl AsRef<[u8]>, data: &[u8]) -> Item {
    Item {
        name: name.as_ref().to_vec(),
        data: data.to_vec(),
        flags: 0,
        method: 0,
        size: u32::try_from(data.len()).unwrap(),
        crc: crc32fast::hash(data),
        system: 0,
        attributes: 0,
        extra: Vec::new(),
        at: None,
    }
}

impl Item {
    /// Packed on Unix with this mode.
    pub(crate) fn mode(mut self, mode: u32) -> Self {
        self.system = 3;
        self.attributes = mode << 16;
        self
    }

    pub(crate) fn flags(mut self, flags: u16) -> Self {
        self.flags = flags;
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A name as Windows in China writes it.
pub(crate) fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

/// Info-ZIP's field with the name in UTF-8, for the name of these bytes.
pub(crate) fn unicode_field(text: &str, of_name: &[u8]) -> Vec<u8> {
    let mut field = vec![0x75, 0x70];
    field.extend(u16::try_from(text.len() + 5).unwrap().to_le_bytes());
    field.push(1);
    field.extend(crc32fast::hash(of_name).to_le_bytes());
    field.extend(text.as_bytes());
    field
}

pub(crate) fn zip(items: &[Item]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for item in items {
        let at = item.at.unwrap_or(u32::try_from(bytes.len()).unwrap());
        let common = common(item);
        if item.at.is_none() {
            bytes.extend(b"PK\x03\x04");
            bytes.extend(&common);
            bytes.extend(&item.name);
            bytes.extend(&item.extra);
            bytes.extend(&item.data);
        }
        directory.extend(b"PK\x01\x02");
        directory.extend([20, item.system]);
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend(item.attributes.to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&item.name);
        directory.extend(&item.extra);
    }
    let at = u32::try_from(bytes.len()).unwrap();
    let count = u16::try_from(items.len()).unwrap().to_le_bytes();
    bytes.extend(&directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

fn common(item: &Item) -> Vec<u8> {
    let packed = u32::try_from(item.data.len()).unwrap();
    let mut common = Vec::new();
    common.extend([20, 0]);
    common.extend(item.flags.to_le_bytes());
    common.extend(item.method.to_le_bytes());
    common.extend([0, 0, 0x21, 0]);
    common.extend(item.crc.to_le_bytes());
    common.extend(packed.to_le_bytes());
    common.extend(item.size.to_le_bytes());
    common.extend(u16::try_from(item.name.len()).unwrap().to_le_bytes());
    common.extend(u16::try_from(item.extra.len()).unwrap().to_le_bytes());
    common
}

/// A ZIP of one file of zeros, deflated.
pub(crate) fn zeros(name: &str, megabytes: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    writer.start_file(name, options).unwrap();
    for _ in 0..megabytes {
        writer.write_all(&vec![0; 1 << 20]).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A RAR 4 of stored files; names are bytes.
pub(crate) fn rar4(files: &[(Vec<u8>, &[u8])]) -> Vec<u8> {
    let mut bytes = b"Rar!\x1A\x07\0".to_vec();
    bytes.extend(block4(0x73, 0, &[0; 6]));
    for (name, data) in files {
        let size = u32::try_from(data.len()).unwrap().to_le_bytes();
        let mut body = [size, size].concat();
        // Windows, then checksum, time, "made for 2.9", stored.
        body.push(2);
        body.extend(crc32fast::hash(data).to_le_bytes());
        body.extend([0, 0, 0x21, 0, 29, 0x30]);
        body.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        body.extend(0x20_u32.to_le_bytes());
        body.extend(name);
        bytes.extend(block4(0x74, 0x8000, &body));
        bytes.extend(*data);
    }
    bytes.extend(block4(0x7B, 0x4000, &[]));
    bytes
}

fn block4(kind: u8, flags: u16, body: &[u8]) -> Vec<u8> {
    let mut head = vec![kind];
    head.extend(flags.to_le_bytes());
    head.extend(u16::try_from(7 + body.len()).unwrap().to_le_bytes());
    head.extend(body);
    let crc = crc32fast::hash(&head).to_le_bytes();
    [&crc[..2], &head].concat()
}

/// A RAR 5 of stored files, each with extra records.
pub(crate) fn rar5(files: &[(&str, &[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = b"Rar!\x1A\x07\x01\0".to_vec();
    bytes.extend(block5(1, &[], &[], &[0]));
    for (name, data, extra) in files {
        // Attributes, checksum, stored, Windows.
        let mut body = vec![4];
        body.extend(number5(data.len()));
        body.push(0x20);
        body.extend(crc32fast::hash(data).to_le_bytes());
        body.extend([0, 0]);
        body.extend(number5(name.len()));
        body.extend(name.as_bytes());
        bytes.extend(block5(2, data, extra, &body));
    }
    bytes.extend(block5(5, &[], &[], &[0]));
    bytes
}

fn block5(kind: u8, data: &[u8], extra: &[u8], body: &[u8]) -> Vec<u8> {
    let has_data = kind == 2;
    let flags = u8::from(!extra.is_empty()) | u8::from(has_data) << 1;
    let mut head = vec![kind, flags];
    if !extra.is_empty() {
        head.extend(number5(extra.len()));
    }
    if has_data {
        head.extend(number5(data.len()));
    }
    head.extend(body);
    head.extend(extra);
    let sized = [number5(head.len()), head].concat();
    [&crc32fast::hash(&sized).to_le_bytes()[..], &sized, data].concat()
}

fn number5(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7F).unwrap();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A tar of entries: name, kind (`b'0'` is a file), where it points, content.
pub(crate) fn tar(entries: &[(&str, u8, &str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, kind, link, data) in entries {
        let mut head = vec![0_u8; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..107].copy_from_slice(b"0000644");
        head[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
        head[136..147].copy_from_slice(b"00000000000");
        head[148..156].fill(b' ');
        head[156] = *kind;
        head[157..157 + link.len()].copy_from_slice(link.as_bytes());
        head[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        bytes.extend(head);
        bytes.extend(*data);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}
