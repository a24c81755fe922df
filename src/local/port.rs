//! The engine's port: connections that a fault can reset, and a door that a fault can close.
//!
//! An engine whose machines are real listens at every address of the host, because the networks of its machines come and
//! go while it runs; whoever comes from elsewhere than this host or one of those networks is not let in.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::shared::Shared;
use super::world::World;

/// How long a closed port stays closed.
const CLOSED: Duration = Duration::from_millis(60);

/// What a handler can do to the connection that its request came by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    state: Arc<LineState>,
}

#[derive(Debug, Default)]
struct LineState {
    /// Nothing more is written.
    cut: AtomicBool,
    /// When it ends it is reset, not closed.
    reset: AtomicBool,
}

impl Line {
    /// Not another byte goes out; the other side sees a reset.
    pub(crate) fn reset(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
        self.reset_at_end();
    }

    /// When it ends, the other side sees a reset.
    pub(crate) fn reset_at_end(&self) {
        self.state.reset.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> io::Result<()> {
        if self.state.cut.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.line.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.state.reset.load(Ordering::SeqCst) {
            // A polite end would come before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.line.state.reset.load(Ordering::SeqCst) {
            // Where this fails the connection ends politely, which its client takes for the same loss.
            let _ = self.stream.set_zero_linger();
        }
    }
}

/// Whether a connection to one of the host's addresses is from the host itself, or is one of a machine's to the way out of
/// its network.
fn is_own(world: &World, gateway: IpAddr, inside: IpAddr) -> bool {
    if inside.is_loopback() || inside == gateway {
        return true;
    }
    world.things.values().filter(|thing| thing.kind == "subnet").any(|subnet| {
        let is_gateway = subnet.body.text("gateway_ip").and_then(|it| it.parse().ok()) == Some(gateway);
        let cidr = || subnet.body.text("cidr")?.parse::<IpNet>().ok();
        is_gateway && cidr().is_some_and(|cidr| cidr.contains(&inside))
    })
}

/// The port.
pub(crate) struct Port {
    address: SocketAddr,
    listener: Option<TcpListener>,
    shared: Arc<Shared>,
}

impl Port {
    pub(crate) fn new(listener: TcpListener, shared: Arc<Shared>) -> io::Result<Self> {
        Ok(Self { address: listener.local_addr()?, listener: Some(listener), shared })
    }

    /// Whether a connection is from this host or, to the way out of its network, from a machine of the engine's.
    fn lets_in(&self, stream: &TcpStream, peer: SocketAddr) -> bool {
        if !self.address.ip().is_unspecified() || !self.shared.is_guarded() {
            return true;
        }
        let Ok(own) = stream.local_addr() else { return false };
        let (own, peer) = (own.ip().to_canonical(), peer.ip().to_canonical());
        self.shared.look(|world| Ok(is_own(world, own, peer))).unwrap_or(false)
    }

    /// Nobody listens for a moment.
    async fn close_for_a_moment(&mut self) {
        drop(self.listener.take());
        while self.listener.is_none() {
            tokio::time::sleep(CLOSED).await;
            self.listener = TcpListener::bind(self.address).await.ok();
        }
    }
}

impl Listener for Port {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let Some(listener) = &mut self.listener else {
                self.close_for_a_moment().await;
                continue;
            };
            tokio::select! {
                (stream, address) = Listener::accept(listener) => {
                    if self.lets_in(&stream, address) {
                        return (Connection { stream, line: Line::default() }, address);
                    }
                }
                () = self.shared.port_closes() => self.close_for_a_moment().await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, Port>> for Line {
    fn connect_info(stream: IncomingStream<'_, Port>) -> Self {
        stream.io().line.clone()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::local::cloud::Limits;
    use crate::local::entity::Thing;
    use crate::local::packed::Packed;

    #[test]
    fn the_host_and_machines_at_their_way_out_come_in_and_nobody_else() {
        let mut world = World::new(0, 1.0, Limits::default());
        let body = json!({"cidr": "10.20.0.0/24", "gateway_ip": "10.20.0.1"});
        let body = Packed::of(&body.as_object().unwrap().clone());
        let (id, kind, name) = ("s".to_owned(), "subnet".to_owned(), String::new());
        world.put(Thing { id, kind, name, uses: Vec::new(), addresses: Vec::new(), body });
        let comes_in = |own: &str, peer: &str| is_own(&world, own.parse().unwrap(), peer.parse().unwrap());
        assert!(comes_in("127.0.0.1", "127.0.0.1"));
        assert!(comes_in("192.168.1.5", "192.168.1.5"), "the host, at an address of its own");
        assert!(comes_in("10.20.0.1", "10.20.0.17"));
        assert!(!comes_in("10.20.0.1", "192.168.1.9"), "somebody who has found a way to it");
        assert!(!comes_in("192.168.1.5", "192.168.1.9"));
        assert!(!comes_in("192.168.1.5", "10.20.0.17"), "not by another address of the host");
    }
}
