"""A resource server that knows nothing of Maitred but its issuer: PyJWT and Python's own HTTP server.

    python server.py ISSUER AUDIENCE

It prints its port, and ends when its standard input does.
"""

import json
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

ISSUER, AUDIENCE = sys.argv[1:]
REQUIRED = ["iss", "sub", "aud", "client_id", "jti", "iat", "exp"]
WANTED = {"/token": None, "/shifts": "shifts.update"}

with urllib.request.urlopen(f"{ISSUER}/.well-known/openid-configuration", timeout=10) as answer:
    keys = jwt.PyJWKClient(json.load(answer)["jwks_uri"], timeout=10)


def caller_of(token):
    """The claims of an access token (RFC 9068, section 4). Raises PyJWTError for anything else."""
    key = keys.get_signing_key_from_jwt(token)
    whole = jwt.decode_complete(
        token,
        key,
        algorithms=["ES256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        leeway=10,
        options={"require": REQUIRED, "enforce_minimum_key_length": True},
    )
    if whole["header"].get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
        raise jwt.InvalidTokenError("a token of another kind")
    return whole["payload"]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path not in WANTED:
            return self.answer(404, {})
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return self.answer(401, {}, "Bearer")
        try:
            claims = caller_of(token)
        except jwt.PyJWTError as error:
            return self.answer(401, {"detail": str(error)}, 'Bearer error="invalid_token"')
        permission = WANTED[self.path]
        if permission and permission not in claims.get("permissions", []):
            return self.answer(403, {}, 'Bearer error="insufficient_scope"')
        self.answer(200, {"id": claims["sub"], "roles": claims.get("roles", [])})

    def answer(self, status, body, challenge=None):
        data = json.dumps(body).encode()
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
