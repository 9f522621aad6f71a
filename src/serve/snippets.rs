//! What a real web server needs to know to show the site: settings for nginx, Apache, IIS and Caddy. In: [`KINDS`], so that
//! they say the same as our own server. Out: names and texts. Pure.
//!
//! They stand beside the site and not in it: a `.htaccess` or `web.config` in a folder is obeyed as soon as it lies there, and
//! one that a server does not like takes the whole site away. Whoever runs the server reads it first and copies it.

use std::fmt::Write as _;

use super::types::{KINDS, Kind, Packing};

/// How long browsers keep pictures and segments without asking, in seconds. A film that is made again keeps its addresses, so
/// "for ever" would mix old and new pieces of it.
const KEPT_SECONDS: u32 = 3600;
/// Endings of what may be kept.
const KEPT: [&str; 10] = [
    "m4s", "mp4", "m4a", "aac", "jpg", "png", "webp", "avif", "woff2", "ico",
];

/// All files, by name.
pub fn files() -> [(&'static str, String); 5] {
    [
        ("nginx.conf", nginx()),
        ("apache.htaccess", apache()),
        ("web.config", iis()),
        ("Caddyfile", caddy()),
        ("README.txt", readme()),
    ]
}

fn essence(kind: &Kind) -> &'static str {
    kind.mime.split(';').next().unwrap_or(kind.mime)
}

fn packed() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| kind.packing == Packing::Gzip)
}

fn readme() -> String {
    format!(
        "网站放到服务器上\n\
         ================\n\
         1. 把整个 site 文件夹复制到服务器，例如 /var/www/site。不需要 PHP、数据库，也不需要编译。\n\
         2. 按服务器的种类，用这里的一个文件：\n\
         \x20  nginx    把 nginx.conf 里的 server 段放进 /etc/nginx/conf.d/，改域名和路径，然后 nginx -t && nginx -s reload\n\
         \x20  Apache   把 apache.htaccess 改名为 .htaccess，放进 site 文件夹\n\
         \x20  IIS      把 web.config 放进 site 文件夹\n\
         \x20  Caddy    改 Caddyfile 里的域名和路径，然后 caddy run\n\
         3. 用浏览器打开网站，放一段视频，拖动进度条。\n\
         这些文件做四件事：正确的文件类型（MIME）、压缩文字、分段请求（拖动进度条用）、缓存时间。\n\
         视频和图片缓存 {minutes} 分钟：重新制作的视频地址不变，缓存太久会新旧混在一起。\n\
         这些文件每次运行都会重写；请改服务器上的那一份。\n\
         \n\
         Putting the site on a server\n\
         ============================\n\
         1. Copy the whole folder `site` to the server, e.g. to /var/www/site. No PHP, no database, nothing to build.\n\
         2. Use the one file here that is for your server:\n\
         \x20  nginx    put nginx.conf into /etc/nginx/conf.d/, change name and path, then: nginx -t && nginx -s reload\n\
         \x20  Apache   copy apache.htaccess into the site's folder as .htaccess\n\
         \x20  IIS      copy web.config into the site's folder\n\
         \x20  Caddy    change name and path in Caddyfile, then: caddy run\n\
         3. Open the site in a browser, play a film, drag its position.\n\
         They do four things: right file types (MIME), compressed text, requests for parts (for dragging), times to keep.\n\
         Films and pictures are kept for {minutes} minutes: a film that is made again keeps its addresses, and old and new would mix.\n\
         Every run writes these files anew: change the server's copy.\n",
        minutes = KEPT_SECONDS / 60
    )
}

fn nginx() -> String {
    let mut types = String::new();
    for kind in KINDS {
        let _ = writeln!(
            types,
            "        {:<75} {};",
            essence(kind),
            kind.endings.join(" ")
        );
    }
    let text: Vec<_> = packed()
        .map(essence)
        // nginx compresses HTML in any case, and warns where it is named.
        .filter(|mime| *mime != "text/html")
        .collect();
    format!(
        "# zhanbo 展播网站 · the showcase's site, for nginx\n\
         # 改 server_name 和 root · change server_name and root\n\
         server {{\n\
         \x20   listen 80;\n\
         \x20   listen [::]:80;\n\
         \x20   server_name showcase.example;\n\
         \x20   root /var/www/site;\n\
         \x20   index index.html;\n\
         \x20   autoindex off;\n\
         \x20   charset utf-8;\n\
         \x20   charset_types text/css text/javascript text/plain text/vtt text/csv application/xml application/rss+xml application/xspf+xml image/svg+xml;\n\
         \n\
         \x20   # 文件类型 · file types (Apple HLS 10.1, 10.4)\n\
         \x20   types {{\n{types}    }}\n\
         \x20   default_type application/octet-stream;\n\
         \n\
         \x20   # 压缩文字；视频本来就是压缩的 · text is compressed; films are already\n\
         \x20   gzip on;\n\
         \x20   gzip_vary on;\n\
         \x20   gzip_proxied any;\n\
         \x20   gzip_min_length 512;\n\
         \x20   gzip_types {text};\n\
         \n\
         \x20   # 网页和播放列表：每次问一下有没有变 · pages and playlists: asked about each time\n\
         \x20   location / {{\n\
         \x20       try_files $uri $uri/ =404;\n\
         \x20       add_header Cache-Control \"no-cache\";\n\
         \x20       add_header X-Content-Type-Options \"nosniff\";\n\
         \x20       add_header Referrer-Policy \"same-origin\";\n\
         \x20   }}\n\
         \x20   # 视频分片和图片；分段请求 nginx 自带 · segments and pictures; parts are served by nginx itself\n\
         \x20   location ~* \\.({kept})$ {{\n\
         \x20       add_header Cache-Control \"public, max-age={KEPT_SECONDS}\";\n\
         \x20       add_header X-Content-Type-Options \"nosniff\";\n\
         \x20   }}\n\
         \x20   # 隐藏文件 · hidden files\n\
         \x20   location ~ /\\. {{\n\
         \x20       return 404;\n\
         \x20   }}\n\
         }}\n",
        text = text.join(" "),
        kept = KEPT.join("|"),
    )
}

fn apache() -> String {
    let mut types = String::new();
    for kind in KINDS {
        let _ = writeln!(
            types,
            "    AddType {} .{}",
            essence(kind),
            kind.endings.join(" .")
        );
    }
    let text: Vec<_> = packed().map(essence).collect();
    let charset: Vec<_> = KINDS
        .iter()
        .filter(|kind| kind.mime.contains("charset=utf-8"))
        .flat_map(|kind| kind.endings)
        .map(|ending| format!(".{ending}"))
        .collect();
    format!(
        "# zhanbo 展播网站：改名为 .htaccess 放进 site 文件夹 · the showcase's site, for Apache 2.4: copy as .htaccess into the site's folder\n\
         # 需要 AllowOverride FileInfo Indexes Options · needs AllowOverride FileInfo Indexes Options\n\
         Options -Indexes\n\
         DirectoryIndex index.html\n\
         \n\
         # 文件类型 · file types (Apple HLS 10.1, 10.4)\n\
         <IfModule mod_mime.c>\n{types}    AddCharset utf-8 {charset}\n</IfModule>\n\
         \n\
         # 压缩文字 · text is compressed\n\
         <IfModule mod_deflate.c>\n\
         \x20   <IfModule mod_filter.c>\n\
         \x20       AddOutputFilterByType DEFLATE {text}\n\
         \x20   </IfModule>\n\
         </IfModule>\n\
         \n\
         # 网页和播放列表每次问一下；视频分片和图片缓存一会儿；分段请求 Apache 自带\n\
         # pages and playlists are asked about each time; segments and pictures are kept a while; parts are served by Apache itself\n\
         <IfModule mod_headers.c>\n\
         \x20   Header set X-Content-Type-Options \"nosniff\"\n\
         \x20   Header set Referrer-Policy \"same-origin\"\n\
         \x20   Header set Cache-Control \"no-cache\"\n\
         \x20   <FilesMatch \"(?i)\\.({kept})$\">\n\
         \x20       Header set Cache-Control \"public, max-age={KEPT_SECONDS}\"\n\
         \x20   </FilesMatch>\n\
         </IfModule>\n\
         \n\
         # 隐藏文件 · hidden files\n\
         <IfModule mod_alias.c>\n\
         \x20   RedirectMatch 404 \"/\\.\"\n\
         </IfModule>\n",
        charset = charset.join(" "),
        text = text.join(" "),
        kept = KEPT.join("|"),
    )
}

fn iis() -> String {
    let mut maps = String::new();
    for kind in KINDS {
        for ending in kind.endings {
            // One that the server has by itself must go first: two of one name are an error.
            let _ = writeln!(maps, "      <remove fileExtension=\".{ending}\" />");
            let _ = writeln!(
                maps,
                "      <mimeMap fileExtension=\".{ending}\" mimeType=\"{}\" />",
                kind.mime
            );
        }
    }
    let mut text = String::new();
    for kind in packed() {
        let _ = writeln!(
            text,
            "        <add mimeType=\"{}\" enabled=\"true\" />",
            essence(kind)
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <!-- zhanbo 展播网站：放进 site 文件夹 · the showcase's site, for IIS 8 and later: copy into the site's folder -->\n\
         <configuration>\n\
         \x20 <system.webServer>\n\
         \x20   <directoryBrowse enabled=\"false\" />\n\
         \x20   <defaultDocument enabled=\"true\">\n\
         \x20     <files>\n\
         \x20       <clear />\n\
         \x20       <add value=\"index.html\" />\n\
         \x20     </files>\n\
         \x20   </defaultDocument>\n\
         \x20   <!-- 文件类型；不认识的类型 IIS 会拒绝 · file types; IIS refuses what it does not know -->\n\
         \x20   <staticContent>\n\
         \x20     <!-- 每次问一下有没有变（304）：IIS 不能按扩展名设缓存，播放列表不能缓存\n\
         \x20          asked about each time (304): IIS cannot tell playlists, which must not be kept, from segments -->\n\
         \x20     <clientCache cacheControlMode=\"DisableCache\" />\n{maps}    </staticContent>\n\
         \x20   <!-- 压缩文字；分段请求 IIS 自带 · text is compressed; parts are served by IIS itself -->\n\
         \x20   <urlCompression doStaticCompression=\"true\" doDynamicCompression=\"false\" />\n\
         \x20   <httpCompression>\n\
         \x20     <staticTypes>\n{text}      </staticTypes>\n\
         \x20   </httpCompression>\n\
         \x20   <httpProtocol>\n\
         \x20     <customHeaders>\n\
         \x20       <add name=\"X-Content-Type-Options\" value=\"nosniff\" />\n\
         \x20       <add name=\"Referrer-Policy\" value=\"same-origin\" />\n\
         \x20     </customHeaders>\n\
         \x20   </httpProtocol>\n\
         \x20 </system.webServer>\n\
         </configuration>\n"
    )
}

fn caddy() -> String {
    let mut types = String::new();
    for kind in KINDS {
        // Without a name for it, Caddy takes a path for a header.
        let (name, paths) = (kind.endings[0], kind.endings.join(" *."));
        let _ = writeln!(
            types,
            "\t@{name} path *.{paths}\n\theader @{name} Content-Type \"{}\"",
            kind.mime
        );
    }
    let kept: Vec<_> = KEPT.iter().map(|ending| format!("*.{ending}")).collect();
    // Of several types on one line Caddy takes none.
    let text: Vec<_> = packed()
        .map(|kind| format!("\t\t\theader Content-Type {}*\n", essence(kind)))
        .collect();
    format!(
        "# zhanbo 展播网站 · the showcase's site, for Caddy 2\n\
         # 改域名和路径 · change name and path\n\
         showcase.example {{\n\
         \troot * /var/www/site\n\
         \n\
         \t# 隐藏文件 · hidden files\n\
         \t@hidden path */.*\n\
         \trespond @hidden 404\n\
         \n\
         \t# 压缩文字 · text is compressed\n\
         \tencode {{\n\
         \t\tgzip\n\
         \t\tminimum_length 512\n\
         \t\tmatch {{\n{text}\t\t}}\n\
         \t}}\n\
         \n\
         \t# 文件类型 · file types (Apple HLS 10.1, 10.4)\n{types}\n\
         \t# 网页和播放列表每次问一下；视频分片和图片缓存一会儿 · pages and playlists are asked about each time; segments and pictures are kept a while\n\
         \t@asked not path {kept}\n\
         \theader @asked Cache-Control \"no-cache\"\n\
         \theader X-Content-Type-Options \"nosniff\"\n\
         \theader Referrer-Policy \"same-origin\"\n\
         \t@kept path {kept}\n\
         \theader @kept Cache-Control \"public, max-age={KEPT_SECONDS}\"\n\
         \n\
         \t# 分段请求 Caddy 自带 · parts are served by Caddy itself\n\
         \tfile_server\n\
         }}\n",
        text = text.concat(),
        kept = kept.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        let found = files().into_iter().find(|(file, _)| *file == name);
        found.unwrap().1
    }

    #[test]
    fn every_server_is_told_every_type_that_hls_needs() {
        for (name, map) in [
            ("nginx.conf", ["application/vnd.apple.mpegurl", " m3u8;"]),
            (
                "apache.htaccess",
                [
                    "AddType application/vnd.apple.mpegurl .m3u8",
                    "AddType video/iso.segment .m4s",
                ],
            ),
            (
                "web.config",
                [
                    "<mimeMap fileExtension=\".m3u8\" mimeType=\"application/vnd.apple.mpegurl\" />",
                    "<mimeMap fileExtension=\".m4s\" mimeType=\"video/iso.segment\" />",
                ],
            ),
            (
                "Caddyfile",
                [
                    "header @m3u8 Content-Type \"application/vnd.apple.mpegurl\"",
                    "header @vtt Content-Type \"text/vtt; charset=utf-8\"",
                ],
            ),
        ] {
            for line in map {
                assert!(text(name).contains(line), "{line} is not in {name}");
            }
        }
    }

    #[test]
    fn what_is_kept_is_known_and_never_a_page_or_a_playlist() {
        for ending in KEPT {
            let kind = KINDS.iter().find(|kind| kind.endings.contains(&ending));
            assert_eq!(
                kind.map(|kind| kind.packing),
                Some(Packing::AsItIs),
                "{ending}"
            );
        }
    }

    #[test]
    fn the_settings_for_iis_are_well_formed_and_name_nothing_twice() {
        let text = text("web.config");
        let mut reader = quick_xml::Reader::from_str(&text);
        let (mut depth, mut mapped) = (0, vec![]);
        loop {
            match reader.read_event().unwrap() {
                quick_xml::events::Event::Start(_) => depth += 1,
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Empty(element)
                    if element.name().as_ref() == "mimeMap" =>
                {
                    let ending = element.try_get_attribute("fileExtension").unwrap().unwrap();
                    mapped.push(ending.value.into_owned());
                }
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        let all = mapped.len();
        mapped.sort();
        mapped.dedup();
        assert_eq!(mapped.len(), all);
        assert_eq!(
            all,
            KINDS.iter().map(|kind| kind.endings.len()).sum::<usize>()
        );
    }
}
