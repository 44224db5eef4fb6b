//! Which instance a call is for: the host that was asked, a header, or the first one.

use std::sync::Arc;

use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_grpc::grep11::GenerateRandomRequest;
use hpcs_grpc::grep11::crypto_client::CryptoClient;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Status};

use crate::desk::{Desk, FIRST, INSTANCE, SECOND, detail, instance, signed, unit};

const OTHER: &str = "b27d90e4-15c8-4a3f-9e06-84f1d3a5c729";

async fn two_instances() -> Desk {
    Desk::with(&[instance(INSTANCE, &[unit(FIRST, None)]), instance(OTHER, &[unit(SECOND, None)])]).await
}

/// A connection to the emulator under this name, over TLS, trusting its authority alone.
async fn connected_to(desk: &Desk, host: String) -> Channel {
    let trusted = desk.server.stranger().get("/_emulator/ca").await.json();
    let certificate = CertificateDer::from_pem_slice(trusted["certificate"].as_str().unwrap().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let (connector, address) = (TlsConnector::from(Arc::new(config)), desk.server.emulator.address());
    // The connection is encrypted by the connector, which the transport does not know of.
    let endpoint = Endpoint::from_shared(format!("http://{host}")).unwrap();
    endpoint.connect_with_connector(Dial { connector, address, host }).await.unwrap()
}

/// Dials the emulator, whatever is asked for.
struct Dial {
    connector: TlsConnector,
    address: std::net::SocketAddr,
    host: String,
}

impl tower::Service<Uri> for Dial {
    type Response = TokioIo<tokio_rustls::client::TlsStream<TcpStream>>;
    type Error = std::io::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = std::io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (connector, address, host) = (self.connector.clone(), self.address, self.host.clone());
        Box::pin(async move {
            let name = ServerName::try_from(host).map_err(std::io::Error::other)?;
            Ok(TokioIo::new(connector.connect(name, TcpStream::connect(address).await?).await?))
        })
    }
}

async fn random(desk: &Desk, channel: Channel, header: Option<&str>) -> Result<usize, Status> {
    let mut request = signed(&desk.token, GenerateRandomRequest { len: 8 });
    if let Some(stated) = header {
        request.metadata_mut().insert("bluemix-instance", stated.parse().unwrap());
    }
    Ok(CryptoClient::new(channel).generate_random(request).await?.into_inner().rnd.len())
}

/// Events of both instances.
async fn counts(desk: &Desk) -> (usize, usize) {
    (desk.events_of(INSTANCE).await.len(), desk.events_of(OTHER).await.len())
}

#[tokio::test]
async fn a_header_names_the_instance_and_without_one_it_is_the_first() {
    let desk = two_instances().await;
    let channel = || desk.server.channel.clone();
    random(&desk, channel(), None).await.unwrap();
    assert_eq!(counts(&desk).await, (1, 0));
    random(&desk, channel(), Some(OTHER)).await.unwrap();
    assert_eq!(counts(&desk).await, (1, 1));
    random(&desk, channel(), Some(INSTANCE)).await.unwrap();
    assert_eq!(counts(&desk).await, (2, 1));
}

#[tokio::test]
async fn the_endpoint_of_an_instance_is_that_instance_and_no_other() {
    let desk = two_instances().await;
    for domain in ["ep11.us-south.hs-crypto.appdomain.cloud", "ep11.private.us-south.hs-crypto.appdomain.cloud"] {
        let before = counts(&desk).await;
        let channel = connected_to(&desk, format!("{OTHER}.{domain}")).await;
        random(&desk, channel.clone(), None).await.unwrap();
        random(&desk, channel.clone(), Some(OTHER)).await.unwrap();
        for header in [INSTANCE, "no instance"] {
            let status = random(&desk, channel.clone(), Some(header)).await.unwrap_err();
            let not_authenticated = u64::from(ReturnValue::IBM_GREP11_NOT_AUTHENTICATED.0);
            assert_eq!((status.code(), detail(&status).code), (Code::PermissionDenied, not_authenticated));
        }
        // All four are in the log of the endpoint's instance: it was asked.
        assert_eq!(counts(&desk).await, (before.0, before.1 + 4));
        let refused = desk.events_of(OTHER).await.pop().unwrap();
        assert_eq!((&refused["reason"]["reasonCode"], &refused["severity"]), (&403.into(), &"critical".into()));
        let private = refused["initiator"]["host"]["addressType"] == "CSE";
        assert_eq!(private, domain.contains("private"));
    }
}

#[tokio::test]
async fn the_endpoint_of_no_instance_is_not_found() {
    let desk = two_instances().await;
    let host = "9d3c41f0-7a68-4be2-8f15-c06e2b97d4a8.ep11.us-south.hs-crypto.appdomain.cloud".to_owned();
    let channel = connected_to(&desk, host).await;
    assert_eq!(random(&desk, channel, None).await.unwrap_err().code(), Code::NotFound);
    let channel = connected_to(&desk, "ep11.us-south.hs-crypto.appdomain.cloud".to_owned()).await;
    random(&desk, channel.clone(), Some(OTHER)).await.unwrap();
    random(&desk, channel, None).await.unwrap();
    assert_eq!(counts(&desk).await, (1, 1));
}

/// What one instance is asked does not depend on what is asked of another one.
#[tokio::test]
async fn equal_calls_of_two_instances_do_not_count_together() {
    let (desk, alone) = (two_instances().await, two_instances().await);
    let request = |desk: &Desk, instance: &str| {
        let mut request = desk.request(GenerateRandomRequest { len: 16 });
        request.metadata_mut().insert("bluemix-instance", instance.parse().unwrap());
        request
    };
    desk.client().generate_random(request(&desk, OTHER)).await.unwrap();
    let answers = [&desk, &alone].map(|desk| async { desk.client().generate_random(request(desk, INSTANCE)).await });
    let [one, other] = answers;
    assert_eq!(one.await.unwrap().into_inner().rnd, other.await.unwrap().into_inner().rnd);
}

/// Both reach the same instance, and what they are given has nothing in common.
#[tokio::test]
async fn a_call_that_names_its_instance_is_not_equal_to_one_that_does_not() {
    let desk = two_instances().await;
    let unnamed = desk.request(GenerateRandomRequest { len: 16 });
    let mut named = desk.request(GenerateRandomRequest { len: 16 });
    named.metadata_mut().insert("bluemix-instance", INSTANCE.parse().unwrap());
    let mut bytes = Vec::new();
    for request in [unnamed, named] {
        bytes.push(desk.client().generate_random(request).await.unwrap().into_inner().rnd);
    }
    assert_ne!(bytes[0], bytes[1]);
    assert_eq!(counts(&desk).await, (2, 0));
}
