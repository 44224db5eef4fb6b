//! The standard services of gRPC: health (`grpc.health.v1`) and reflection (`grpc.reflection.v1`).

use http::{Request, Response};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tower::Service;

use super::ending::Ending;
use crate::grpc::SERVICES;

/// Health and reflection.
pub(super) struct StandardServices {
    routes: Routes,
    health: HealthReporter,
    closing: CancellationToken,
}

impl StandardServices {
    pub(super) async fn new(closing: CancellationToken) -> Self {
        let (health, service) = tonic_health::server::health_reporter();
        let mut routes = Routes::new(service.max_decoding_message_size(LARGEST_QUESTION));
        let reflection = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(hpcs_grpc::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1();
        // Both sets are made when the program is built; a test lists what they describe.
        if let Ok(reflection) = reflection {
            routes = routes.add_service(reflection.max_decoding_message_size(LARGEST_QUESTION));
        }
        let services = StandardServices { routes: routes.prepare(), health, closing };
        services.report(ServingStatus::Serving).await;
        services
    }

    /// Whether the path is one of a standard service.
    pub(super) fn serves(path: &str) -> bool {
        path.starts_with("/grpc.health.v1.Health/") || path.starts_with("/grpc.reflection.v1.ServerReflection/")
    }

    pub(super) async fn call(&self, request: Request<Body>) -> Response<Body> {
        match self.routes.clone().call(request).await {
            Ok(response) => response.map(|body| Body::new(Ending::new(body, self.closing.clone()))),
            Err(_) => Status::internal("the service failed").into_http(),
        }
    }

    /// Says NOT_SERVING for everything.
    pub(super) async fn not_serving(&self) {
        self.report(ServingStatus::NotServing).await;
    }

    async fn report(&self, status: ServingStatus) {
        for service in ["", "grpc.health.v1.Health"].iter().chain(SERVICES) {
            self.health.set_service_status(*service, status).await;
        }
    }
}

/// Bytes of a message to a standard service. Anyone may ask, and names of services are short.
const LARGEST_QUESTION: usize = 4096;
