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

/// Whether an address is the way out of a subnet that another one is in.
fn leads_out(world: &World, gateway: IpAddr, inside: IpAddr) -> bool {
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
        let (peer, Ok(own)) = (peer.ip().to_canonical(), stream.local_addr()) else { return false };
        let own = own.ip().to_canonical();
        peer.is_loopback() || peer == own || self.shared.look(|world| Ok(leads_out(world, own, peer))).unwrap_or(false)
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
