//! What a connection says first.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What the first bytes of a connection are the beginning of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// The HTTP/2 preface, read and to be read again.
    Http2(Bytes),
    /// Anything else that HTTP/1.1 may make sense of.
    Http1(Bytes),
    /// A TLS handshake, read so far and to be read again.
    Tls(Bytes),
    /// The client left before it said anything.
    Nothing,
}

impl Opening {
    /// Reads until the kind of connection is clear: one byte for most, 24 for HTTP/2.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Self> {
        let mut seen = BytesMut::with_capacity(PREFACE.len());
        loop {
            if seen.starts_with(PREFACE) {
                return Ok(Opening::Http2(seen.freeze()));
            }
            match seen.first() {
                None => {}
                Some(&TLS_HANDSHAKE) => return Ok(Opening::Tls(seen.freeze())),
                Some(_) if !PREFACE.starts_with(&seen) => return Ok(Opening::Http1(seen.freeze())),
                Some(_) => {}
            }
            // Never beyond the preface, so that the buffer need not grow.
            let mut rest = (&mut *stream).take((PREFACE.len() - seen.len()) as u64);
            if rest.read_buf(&mut seen).await? == 0 {
                return Ok(if seen.is_empty() { Opening::Nothing } else { Opening::Http1(seen.freeze()) });
            }
        }
    }
}

/// RFC 9113, section 3.4.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The content type of the record that starts every TLS connection.
const TLS_HANDSHAKE: u8 = 0x16;

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn opening(bytes: &[u8], piece: usize) -> Opening {
        let (mut client, mut server) = tokio::io::duplex(piece);
        let bytes = bytes.to_vec();
        tokio::spawn(async move { client.write_all(&bytes).await });
        Opening::read(&mut server).await.unwrap()
    }

    #[tokio::test]
    async fn each_protocol_is_told_by_its_first_bytes_however_they_are_cut() {
        for piece in [1, 7, 100] {
            assert_eq!(opening(PREFACE, piece).await, Opening::Http2(Bytes::from_static(PREFACE)));
            let Opening::Tls(seen) = opening(b"\x16\x03\x01", piece).await else { panic!("not TLS") };
            assert!(b"\x16\x03\x01".starts_with(&seen[..]));
            assert_eq!(opening(b"", piece).await, Opening::Nothing);
            let Opening::Http1(seen) = opening(b"PRIVATE / HTTP/1.1\r\n\r\n", piece).await else {
                panic!("not HTTP/1.1")
            };
            assert!(seen.starts_with(b"PRIV"));
            assert_eq!(opening(b"PRI", piece).await, Opening::Http1(Bytes::from_static(b"PRI")));
        }
    }

    #[tokio::test]
    async fn what_follows_the_preface_is_left_in_the_stream() {
        let (mut client, mut server) = tokio::io::duplex(100);
        client.write_all(&[PREFACE, b"rest"].concat()).await.unwrap();
        Opening::read(&mut server).await.unwrap();
        let mut rest = [0; 4];
        server.read_exact(&mut rest).await.unwrap();
        assert_eq!(&rest, b"rest");
    }
}
