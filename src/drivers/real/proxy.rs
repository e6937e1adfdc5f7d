//! By way of whom others are asked: of nobody, unless the operator names a proxy for this program. A proxy that a shell
//! happens to name for all programs must not see the credentials of a source, nor stand between a run and its service.

use std::net::IpAddr;

use reqwest::Url;

use super::fetch::place_of;
use crate::text;
use crate::text::Text;

/// A proxy, and who is asked without it.
pub struct Proxy {
    url: Url,
    except: Vec<Except>,
}

/// Who is asked without the proxy.
enum Except {
    /// Everybody.
    All,
    /// A host and those below it.
    Domain(String),
    /// Addresses that begin with these bits.
    Network(IpAddr, u32),
}

impl Proxy {
    /// The proxy at `url`, for all but `except`: a list as in `NO_PROXY`, of hosts (with those below them), addresses,
    /// networks (`10.0.0.0/8`) or `*`. An error is one sentence, without the URL: it may hold a password.
    pub fn new(url: &str, except: &str) -> Result<Proxy, Text> {
        let url = Url::parse(url.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| {
            text!("it is not the URL of a proxy, http://HOST:PORT", "不是代理的 URL（http://主机:端口）")
        })?;
        let except = except.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(Except::of);
        Ok(Proxy { url, except: except.collect() })
    }

    /// The proxy by way of which `target` is asked. This machine never is.
    pub(super) fn to(&self, target: &Url) -> Option<&Url> {
        let host = bare(target.host_str()?);
        let address = host.parse::<IpAddr>().ok();
        let here = match address {
            Some(address) => address.to_canonical().is_loopback(),
            None => host == "localhost" || host.ends_with(".localhost"),
        };
        let direct = here || self.except.iter().any(|except| except.covers(&host, address));
        (!direct).then_some(&self.url)
    }

    /// Its host and port.
    pub(super) fn place(&self) -> String {
        place_of(&self.url)
    }
}

impl Except {
    fn of(entry: &str) -> Except {
        if entry == "*" {
            return Except::All;
        }
        let (address, bits) = match entry.split_once('/') {
            Some((address, bits)) => (address, bits.parse::<u32>().ok()),
            None => (entry, Some(u32::MAX)),
        };
        match (bare(address).parse(), bits) {
            (Ok(address), Some(bits)) => Except::Network(address, bits),
            _other => Except::Domain(bare(entry.strip_prefix("*.").unwrap_or(entry).trim_start_matches('.'))),
        }
    }

    fn covers(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Except::All => true,
            Except::Domain(domain) => {
                host.strip_suffix(domain.as_str()).is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            Except::Network(network, bits) => address.is_some_and(|address| {
                let ((one, width), (other, other_width)) = (bits_of(*network), bits_of(address));
                let unlike = (one ^ other).checked_shr(width.saturating_sub(*bits)).unwrap_or_default();
                width == other_width && unlike == 0
            }),
        }
    }
}

/// A host as it is compared: in lower case, an IPv6 address without its brackets, a name without its last dot.
fn bare(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches([']', '.']).to_ascii_lowercase()
}

/// The address as a number, and its width in bits.
fn bits_of(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), u32::BITS),
        IpAddr::V6(address) => (address.to_bits(), u128::BITS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_by(proxy: &Proxy, target: &str) -> bool {
        proxy.to(&Url::parse(target).unwrap()).is_some()
    }

    #[test]
    fn all_but_this_machine_goes_by_a_proxy() {
        let proxy = Proxy::new("http://proxy.example:3128", "").unwrap();
        for target in ["http://a.example/", "https://10.0.0.1/", "http://[2001:db8::1]/", "http://localhost.example/"] {
            assert!(goes_by(&proxy, target), "{target}");
        }
        for target in [
            "http://localhost:1/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "http://127.8.9.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(!goes_by(&proxy, target), "{target}");
        }
    }

    #[test]
    fn who_is_excepted_is_asked_directly() {
        let proxy =
            Proxy::new("http://p:1", " .corp.example, *.Ops.example,db.example,10.0.0.0/8,192.0.2.7,fd00::/8").unwrap();
        for target in [
            "http://corp.example/",
            "http://a.corp.example/",
            "http://a.b.ops.example/",
            "http://db.example/",
            "http://10.200.1.1/",
            "http://192.0.2.7/",
            "http://[fd12::1]/",
        ] {
            assert!(!goes_by(&proxy, target), "{target}");
        }
        for target in ["http://mycorp.example/", "http://11.0.0.1/", "http://192.0.2.8/", "http://[fe80::1]/"] {
            assert!(goes_by(&proxy, target), "{target}");
        }
        assert!(!goes_by(&Proxy::new("http://p:1", "a, *").unwrap(), "http://b.example/"));
        assert!(!goes_by(&Proxy::new("http://p:1", "0.0.0.0/0").unwrap(), "http://10.0.0.1/"));
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_repeating_it() {
        for wrong in ["", "1", "true", "proxy:3128", "socks5://proxy:1080", "http://"] {
            let error = Proxy::new(wrong, "").err().unwrap();
            assert!(error.en.contains("http://HOST:PORT"), "{wrong}");
        }
    }
}
