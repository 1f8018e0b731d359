package doctor

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	authentic "github.com/emersion/go-msgauth/dkim"
)

// Signature lets a signed letter be verified as a receiver does, with the keys
// that the DNS has, by code that is not the signer's.
func Signature(ctx context.Context, r Resolver, from string, letter []byte) Finding {
	found, err := authentic.VerifyWithOptions(bytes.NewReader(letter), &authentic.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) { return r.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".") }})
	if err != nil {
		return Finding{"dkim", Fail, fmt.Sprintf("a letter from %s cannot be verified: %v", from, err), "tell the makers of tidings"}
	}
	for _, v := range found {
		if v.Err != nil {
			return Finding{"dkim", Fail, fmt.Sprintf("a letter from %s does not verify: %s", from, strings.TrimPrefix(v.Err.Error(), "dkim: ")), "compare the records with those of: tidings keys records"}
		}
	}
	return ok("dkim", "a letter from %s verifies, with %d signatures", from, len(found))
}
