//! What is shown where there is nothing else to show: a plain page in both languages. In: a status. Out: HTML that loads
//! nothing and repeats nothing of what was asked.

use hyper::StatusCode;

use crate::text::Text;

/// The page for a status that is no success.
pub(super) fn refusal(status: StatusCode) -> String {
    let Text { zh, en } = words(status);
    let code = status.as_u16();
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{code}</title>\n</head>\n<body>\n\
         <h1>{code}</h1>\n<p>{zh}</p>\n<p lang=\"en\">{en}</p>\n<p><a href=\"/\">首页 <span lang=\"en\">Front page</span></a></p>\n\
         </body>\n</html>\n"
    )
}

fn words(status: StatusCode) -> Text {
    match status {
        StatusCode::NOT_FOUND => Text::new(
            "这里没有这个页面或文件。可能地址打错了，或者还没有生成：请先运行 zhanbo run。",
            "There is no such page or file. The address may be mistyped, or it has not been made yet: run `zhanbo run` first.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => Text::new(
            "这里只能查看，不能修改。",
            "Things can only be looked at here, not changed.",
        ),
        StatusCode::MISDIRECTED_REQUEST => Text::new(
            "请用 localhost 或 127.0.0.1 打开：这个服务只给本机使用。要让别的电脑访问，启动时加 --bind。",
            "Open it as localhost or 127.0.0.1: this server is for this computer only. To let other computers in, start it with --bind.",
        ),
        StatusCode::RANGE_NOT_SATISFIABLE => {
            Text::new("文件没有这么长。", "The file is not as long as that.")
        }
        _ => Text::new(
            "文件暂时读不出来，请稍后再试；原因见 zhanbo serve -v 的输出。",
            "The file cannot be read just now; try again later. `zhanbo serve -v` says why.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_page_says_so_in_both_languages() {
        insta::assert_snapshot!(refusal(StatusCode::NOT_FOUND), @r#"
        <!DOCTYPE html>
        <html lang="zh-CN">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>404</title>
        </head>
        <body>
        <h1>404</h1>
        <p>这里没有这个页面或文件。可能地址打错了，或者还没有生成：请先运行 zhanbo run。</p>
        <p lang="en">There is no such page or file. The address may be mistyped, or it has not been made yet: run `zhanbo run` first.</p>
        <p><a href="/">首页 <span lang="en">Front page</span></a></p>
        </body>
        </html>
        "#);
    }
}
