package mailer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
)

// idEncoding is lower-case base32 without padding: safe in a Message-ID and in
// a file name.
var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// MessageID returns the Message-ID of the delivery of an issue to a subscriber,
// without angle brackets. It is the same at every attempt, and tells nothing of
// the reader to somebody who does not hold the key.
func MessageID(key []byte, issue, subscriber int64, domain string) string {
	return strconv.FormatInt(issue, 10) + "." + mac(key, "delivery", issue, subscriber) + "@" + domain
}

// NoticeID returns the Message-ID of a notice.
func NoticeID(key []byte, notice int64, domain string) string {
	return "notice." + mac(key, "notice", notice, 0) + "@" + domain
}

func mac(key []byte, purpose string, a, b int64) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	h.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(a)), uint64(b)))
	return idEncoding.EncodeToString(h.Sum(nil)[:15])
}
