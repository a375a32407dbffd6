package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// keySet holds the issuer's keys by their ids and fetches them again, at most every 30 seconds, for an unknown one.
type keySet struct {
	uri     string
	mutex   sync.Mutex
	keys    map[string]*ecdsa.PublicKey
	fetched time.Time
}

func (s *keySet) find(token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.keys[kid] == nil && time.Since(s.fetched) > 30*time.Second {
		if err := s.fetch(); err != nil {
			return nil, err
		}
	}
	if key := s.keys[kid]; key != nil {
		return key, nil
	}
	return nil, errors.New("an unknown key")
}

func (s *keySet) fetch() error {
	var document struct {
		Keys []struct{ Kid, Kty, Crv, X, Y string }
	}
	s.fetched = time.Now()
	if err := fetchJSON(s.uri, &document); err != nil {
		return err
	}
	s.keys = map[string]*ecdsa.PublicKey{}
	for _, jwk := range document.Keys {
		if jwk.Kty != "EC" || jwk.Crv != "P-256" {
			continue
		}
		x, errX := base64.RawURLEncoding.DecodeString(jwk.X)
		y, errY := base64.RawURLEncoding.DecodeString(jwk.Y)
		if err := errors.Join(errX, errY); err != nil {
			return err
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return err
		}
		s.keys[jwk.Kid] = key
	}
	return nil
}

func fetchJSON(uri string, into any) error {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(uri)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", uri, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
