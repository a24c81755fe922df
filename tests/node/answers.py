"""What the small servers of these tests have in common."""

import json
from http.server import BaseHTTPRequestHandler


class Answers(BaseHTTPRequestHandler):
    """Says nothing of what it is asked, and answers with JSON."""

    def log_message(self, *_):
        pass

    def answer(self, code, value, **headers):
        text = json.dumps(value).encode()
        self.send_response(code)
        for name, content in headers.items():
            self.send_header(name.replace("_", "-"), content)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
