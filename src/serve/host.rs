//! Under which name we were called. In: the `Host` of a request. Out: whether it is a name of this computer for itself. A page
//! elsewhere can let its own name lead to 127.0.0.1 (DNS rebinding) and would then read everything as if it were its own;
//! its name gives it away. Pure.

use std::net::IpAddr;

/// Whether this `Host` may ask a server that only this computer is meant to reach.
pub(super) fn is_local(host: &str) -> bool {
    let Some(name) = without_port(host) else {
        return false;
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn without_port(host: &str) -> Option<&str> {
    let (name, rest) = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let port = rest.strip_prefix(':');
    let is_port = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    (rest.is_empty() || port.is_some_and(is_port)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_computer_for_itself_are_local() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "localhost.:1",
            "127.0.0.1",
            "127.0.0.1:8080",
            "127.8.9.1:80",
            "[::1]",
            "[::1]:8080",
        ] {
            assert!(is_local(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.168.1.5",
            "0.0.0.0:8080",
            "[::1",
            "[::1]evil",
            "localhost:80:80",
            "localhost@evil.example",
        ] {
            assert!(!is_local(host), "{host}");
        }
    }
}
