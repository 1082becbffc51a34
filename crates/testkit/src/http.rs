//! A small HTTP/1.1 server on loopback, with TLS or without, that can also behave badly.
//!
//! It knows connections, requests and responses, and nothing of indexes. It stops, with all its threads, when dropped.

#[cfg(test)]
mod tests;

use std::{
    io::{self, ErrorKind},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How long a blocked thread waits before it looks whether the server was dropped.
const TICK: Duration = Duration::from_millis(10);
const LONGEST_HEAD: usize = 64 << 10;

/// A request as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD` or another.
    pub method: String,
    /// The path with its query, still percent-encoded.
    pub path: String,
    /// Header names as they were sent, and values.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The value of the first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn parse(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let mut word = || words.next().unwrap_or_default().to_owned();
        let (method, path) = (word(), word());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        Self { method, path, headers }
    }
}

/// How a response's body goes out.
#[derive(Clone, Copy, Debug)]
enum Delivery {
    Whole,
    Short(usize),
    Reset(usize),
    Trickle { chunk: usize, pause: Duration },
    Chunked(usize),
    Endless(usize),
}

/// A response: status, headers and body; whole and honest until told otherwise.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers; `Content-Length` is added on sending.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    delivery: Delivery,
}

impl Response {
    /// A response without a body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Whole }
    }

    /// 200 with a body.
    #[must_use]
    pub fn ok(content_type: &str, body: impl AsRef<[u8]>) -> Self {
        Self { body: body.as_ref().to_vec(), ..Self::new(200) }.header("Content-Type", content_type)
    }

    /// 302 to another URL.
    #[must_use]
    pub fn redirect(url: &str) -> Self {
        Self::new(302).header("Location", url)
    }

    /// Sets a header, in place of one of this name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another status and body under the same headers.
    #[must_use]
    pub fn with(mut self, status: u16, body: impl AsRef<[u8]>) -> Self {
        self.status = status;
        self.body = body.as_ref().to_vec();
        self
    }

    /// Sends this many bytes of the body and closes the connection in order; `Content-Length` speaks of all.
    #[must_use]
    pub fn short(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::Short(bytes);
        self
    }

    /// Sends this many bytes of the body and resets the connection; `Content-Length` speaks of all.
    #[must_use]
    pub fn reset(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::Reset(bytes);
        self
    }

    /// Sends the body in pieces of `chunk` bytes, with a pause after each.
    #[must_use]
    pub fn trickle(mut self, chunk: usize, pause: Duration) -> Self {
        self.delivery = Delivery::Trickle { chunk, pause };
        self
    }

    /// Sends the body with chunked transfer coding, without a `Content-Length`.
    #[must_use]
    pub fn chunked(mut self, chunk: usize) -> Self {
        self.delivery = Delivery::Chunked(chunk);
        self
    }

    /// Sends the body again and again until the client hangs up.
    #[must_use]
    pub fn endless(self) -> Self {
        self.endless_after(0)
    }

    /// Sends the body, and what follows its first bytes again and again until the client hangs up.
    #[must_use]
    pub fn endless_after(mut self, first: usize) -> Self {
        self.delivery = Delivery::Endless(first);
        self
    }

    fn head(&self) -> Vec<u8> {
        let mut lines = vec![format!("HTTP/1.1 {} {}", self.status, reason(self.status))];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        match self.delivery {
            Delivery::Endless(_) => lines.push("Connection: close".to_owned()),
            Delivery::Chunked(_) => lines.push("Transfer-Encoding: chunked".to_owned()),
            _ if self.status == 304 => {}
            _ => lines.push(format!("Content-Length: {}", self.body.len())),
        }
        (lines.join("\r\n") + "\r\n\r\n").into_bytes()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unnamed",
    }
}

type Handler = dyn Fn(&Request) -> Response + Send + Sync;

struct Shared {
    tls: Option<Arc<ServerConfig>>,
    handler: Box<Handler>,
    requests: Mutex<Vec<Request>>,
    stop: AtomicBool,
}

/// A running server.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves what the handler says, over TLS where there is a configuration for it.
    pub(crate) fn start(
        tls: Option<Arc<ServerConfig>>,
        handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            tls,
            handler: Box::new(handler),
            requests: Mutex::new(Vec::new()),
            stop: AtomicBool::new(false),
        });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { address, shared, acceptor: Some(acceptor) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().expect("no handler panics while recording").clone()
    }

    pub(crate) fn forget_requests(&self) {
        self.shared.requests.lock().expect("no handler panics while recording").clear();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // The acceptor blocks until somebody connects; if nobody can, it is gone already.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut connections: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if shared.stop.load(Ordering::SeqCst) {
            break;
        }
        // A client may be gone before it is accepted.
        let Ok(stream) = stream else { continue };
        connections.retain(|connection| !connection.is_finished());
        let shared = Arc::clone(shared);
        // The client hung up, or this server was told to misbehave: nothing to report.
        connections.push(thread::spawn(move || drop(serve(&stream, &shared))));
    }
    for connection in connections {
        drop(connection.join());
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TICK))?;
    stream.set_write_timeout(Some(TICK))?;
    let wire: Box<dyn Wire + '_> = match &shared.tls {
        None => Box::new(stream),
        Some(config) => {
            let tls = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
            Box::new(StreamOwned::new(tls, stream))
        }
    };
    let mut connection = Connection { wire, stop: &shared.stop };
    let ended = connection.answer(shared);
    if ended.is_err() {
        // Why it was refused has been said; unread bytes would reset the connection before it is heard.
        drop(connection.wire);
        stream.shutdown(Shutdown::Write)?;
        let mut rest = Connection { wire: Box::new(stream), stop: &shared.stop };
        while rest.read_byte().is_ok() {}
    }
    ended
}

/// A connection as it comes, or with TLS around it.
trait Wire: io::Read + io::Write {}

impl<T: io::Read + io::Write> Wire for T {}

struct Connection<'a> {
    wire: Box<dyn Wire + 'a>,
    stop: &'a AtomicBool,
}

impl Connection<'_> {
    /// Answers requests until one side has enough.
    fn answer(&mut self, shared: &Shared) -> io::Result<()> {
        loop {
            let head = self.read_head()?;
            if !head.first().is_some_and(u8::is_ascii_alphabetic) {
                // As real servers do to whoever speaks TLS to them.
                self.send(&Response::new(400), false)?;
                return Err(ErrorKind::InvalidData.into());
            }
            let request = Request::parse(&head);
            shared.requests.lock().expect("no handler panics while recording").push(request.clone());
            let response = (shared.handler)(&request);
            self.send(&response, request.method == "HEAD")?;
            if matches!(response.delivery, Delivery::Reset(_)) {
                return Ok(());
            }
            self.read_byte()?;
            let closes = request.header("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
            if closes || matches!(response.delivery, Delivery::Short(_) | Delivery::Endless(_)) {
                return Ok(());
            }
        }
    }

    /// Reads a request's head but for its last byte: a socket closed with something unread is reset, not ended. Of what is
    /// no request, the first byte.
    fn read_head(&mut self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r") && head.first().is_none_or(u8::is_ascii_alphabetic) {
            if head.len() == LONGEST_HEAD {
                return Err(ErrorKind::InvalidData.into());
            }
            head.push(self.read_byte()?);
        }
        Ok(head)
    }

    fn read_byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        loop {
            match self.wire.read(&mut byte) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(byte[0]),
                Err(error) => self.wait_again(error)?,
            }
        }
    }

    fn send(&mut self, response: &Response, head_only: bool) -> io::Result<()> {
        let body = response.body.as_slice();
        self.write(&response.head())?;
        if head_only || response.status == 304 {
            return Ok(());
        }
        match response.delivery {
            Delivery::Whole => self.write(body),
            Delivery::Short(bytes) | Delivery::Reset(bytes) => self.write(&body[..bytes.min(body.len())]),
            Delivery::Trickle { chunk, pause } => {
                for piece in body.chunks(chunk.max(1)) {
                    self.write(piece)?;
                    self.pause(pause)?;
                }
                Ok(())
            }
            Delivery::Chunked(chunk) => {
                for piece in body.chunks(chunk.max(1)) {
                    self.write(format!("{:x}\r\n", piece.len()).as_bytes())?;
                    self.write(piece)?;
                    self.write(b"\r\n")?;
                }
                self.write(b"0\r\n\r\n")
            }
            Delivery::Endless(first) => {
                let (first, again) = body.split_at(first.min(body.len()));
                self.write(first)?;
                loop {
                    self.write(again)?;
                    self.pause(Duration::ZERO)?;
                }
            }
        }
    }

    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.wire.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) => self.wait_again(error)?,
            }
        }
        loop {
            match self.wire.flush() {
                Ok(()) => return Ok(()),
                Err(error) => self.wait_again(error)?,
            }
        }
    }

    fn pause(&self, pause: Duration) -> io::Result<()> {
        let mut left = pause;
        loop {
            self.go_on()?;
            if left.is_zero() {
                return Ok(());
            }
            let slice = left.min(TICK);
            thread::sleep(slice);
            left -= slice;
        }
    }

    fn wait_again(&self, error: io::Error) -> io::Result<()> {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => self.go_on(),
            _ => Err(error),
        }
    }

    fn go_on(&self) -> io::Result<()> {
        if self.stop.load(Ordering::SeqCst) { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}
