//! `serve`: says what there is to open and who can see it, then serves until Ctrl-C.

use std::net::IpAddr;
use std::sync::atomic::AtomicBool;

use super::Exit;
use crate::cli::{GlobalArgs, ServeArgs};
use crate::error::RunError;
use crate::report::terminal::printable;
use crate::serve::Server;
use crate::text::{Lang, Text};
use crate::{event, ui};

pub(super) fn serve(
    args: &ServeArgs,
    global: &GlobalArgs,
    lang: Lang,
    cancelled: &AtomicBool,
) -> Result<Exit, RunError> {
    let server = Server::listen(&args.out, args.bind, args.port)?;
    if server.is_open_to_others() {
        ui::remark(printable(warning().in_lang(lang)).as_str());
    }
    if global.json {
        ui::say(&format!("{}\n", event_line(&server)));
    } else {
        ui::say(&addresses(&server, lang));
    }
    server.serve(cancelled)?;
    Ok(Exit::Well)
}

fn event_line(server: &Server) -> String {
    let url = url(server);
    let pages: Vec<_> = server
        .pages()
        .iter()
        .map(|page| format!("{url}{}", page.path))
        .collect();
    serde_json::json!({
        "event": "serving",
        "schema": event::SCHEMA,
        "url": format!("{url}/"),
        "pages": pages,
        "open_to_others": server.is_open_to_others(),
    })
    .to_string()
}

fn addresses(server: &Server, lang: Lang) -> String {
    let mut text = String::new();
    for page in server.pages() {
        text.push_str(url(server).as_str());
        text.push_str(page.path);
        text.push_str("   ");
        text.push_str(page.what.in_lang(lang));
        text.push('\n');
    }
    let last = Text::new(
        "用浏览器打开上面的地址；按 Ctrl-C 结束。",
        "Open one of these in a browser; Ctrl-C ends.",
    );
    format!("{text}{}\n", last.in_lang(lang))
}

/// Without a slash at the end. A server on all addresses has this computer's name.
fn url(server: &Server) -> String {
    let address = server.address();
    let port = address.port();
    match address.ip() {
        ip if ip.is_unspecified() => {
            let name = rustix::system::uname();
            format!("http://{}:{port}", name.nodename().to_string_lossy())
        }
        IpAddr::V4(ip) => format!("http://{ip}:{port}"),
        IpAddr::V6(ip) => format!("http://[{ip}]:{port}"),
    }
}

fn warning() -> Text {
    Text::new(
        "注意：同一网络里的每个人现在都能打开这些页面，包括报告里各单位的名称、问题和退回原因，没有密码。\
         用完请按 Ctrl-C；只给自己看就不要加 --bind。别的电脑打不开电脑名时，请用本机的 IP 地址。",
        "note: everybody in the same network can now open these pages, the report with units' names, findings and reasons for \
         returning included, without a password. Press Ctrl-C when done; leave out --bind to show them to yourself only. Where \
         other computers do not know this computer's name, use its IP address.",
    )
}
