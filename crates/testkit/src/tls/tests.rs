use super::*;

#[test]
fn pem_has_lines_of_64() {
    let pem = Authority::new("somebody").pem();
    let lines: Vec<&str> = pem.lines().collect();
    assert_eq!(
        (lines.first(), lines.last()),
        (Some(&"-----BEGIN CERTIFICATE-----"), Some(&"-----END CERTIFICATE-----"))
    );
    assert!(lines.iter().all(|line| line.len() <= 64), "{pem}");
    let client = Authority::new("somebody").client_pem("me");
    assert!(client.contains("-----BEGIN PRIVATE KEY-----"), "{client}");
}

#[test]
fn every_certificate_is_one_that_a_server_can_show() {
    let authority = Authority::new("somebody");
    for tls in
        [authority.server(&["h.example"]), authority.expired_server(&["127.0.0.1"]), authority.future_server(&[])]
    {
        let _: Arc<ServerConfig> = tls.wants_client_of(&authority).config();
    }
}
