// A resource server that knows nothing of Maitred but its issuer: golang-jwt and Go's own HTTP server.
//
//	server ISSUER AUDIENCE
//
// It prints its port, and ends when its standard input does.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

type claims struct {
	jwt.RegisteredClaims
	ClientID    string   `json:"client_id"`
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`
}

// Validate is called by the parser after its own checks.
func (c claims) Validate() error {
	if c.Subject == "" || c.ID == "" || c.ClientID == "" || c.IssuedAt == nil {
		return errors.New("a claim is missing")
	}
	return nil
}

func main() {
	issuer, audience := os.Args[1], os.Args[2]
	var provider struct {
		JwksURI string `json:"jwks_uri"`
	}
	if err := fetchJSON(issuer+"/.well-known/openid-configuration", &provider); err != nil {
		log.Fatal(err)
	}
	keys := &keySet{uri: provider.JwksURI}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(10*time.Second),
	)

	// The claims of an access token (RFC 9068, section 4), or why it is none.
	callerOf := func(raw string) (claims, error) {
		var c claims
		token, err := parser.ParseWithClaims(raw, &c, keys.find)
		if err != nil {
			return c, err
		}
		typ, _ := token.Header["typ"].(string)
		if typ = strings.ToLower(typ); typ != "at+jwt" && typ != "application/at+jwt" {
			return c, errors.New("a token of another kind")
		}
		return c, nil
	}

	guarded := func(permission string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			if !strings.EqualFold(scheme, "Bearer") || raw == "" {
				answer(w, http.StatusUnauthorized, "Bearer", map[string]any{})
				return
			}
			c, err := callerOf(raw)
			if err != nil {
				answer(w, http.StatusUnauthorized, `Bearer error="invalid_token"`, map[string]any{"detail": err.Error()})
				return
			}
			if permission != "" && !slices.Contains(c.Permissions, permission) {
				answer(w, http.StatusForbidden, `Bearer error="insufficient_scope"`, map[string]any{})
				return
			}
			answer(w, http.StatusOK, "", map[string]any{"id": c.Subject, "roles": c.Roles})
		}
	}
	http.HandleFunc("GET /token", guarded(""))
	http.HandleFunc("GET /shifts", guarded("shifts.update"))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, nil)) }()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func answer(w http.ResponseWriter, status int, challenge string, body map[string]any) {
	if challenge != "" {
		w.Header().Set("WWW-Authenticate", challenge)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
