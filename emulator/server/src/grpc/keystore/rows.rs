//! One row a method.

use hpcs_service::operations::keystore::{KeystoreAsk, KeystoreReply};

use super::{answers, asked};
use crate::grpc::endpoint;

pub(super) type Row = endpoint::Row<KeystoreAsk, KeystoreReply>;

macro_rules! rows {
    ($($method:literal $ask:ident $answer:ident;)*) => {
        /// Every method that there is.
        pub(super) static ROWS: &[Row] = &[$(Row {
            method: $method,
            decode: asked::$ask,
            encode: answers::$answer,
        }),*];
    };
}

rows! {
    "CreateKeystore" create_keystore create_keystore;
    "DeleteKeystore" delete_keystore deleted;
    "ListKeystoresByIds" list_keystores_by_ids list_keystores_by_ids;
    "ListKeystoresByAttributes" list_keystores_by_attributes list_keystores_by_attributes;
    "StoreNewKey" store_new_key store_new_key;
    "UpdateKey" update_key update_key;
    "DeleteKey" delete_key deleted;
    "ListKeysByIds" list_keys_by_ids list_keys_by_ids;
    "ListKeysByAttributes" list_keys_by_attributes list_keys_by_attributes;
}
