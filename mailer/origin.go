package mailer

// Proof is how it is known which letter a report is about.
type Proof string

// The proofs, the best one first. Each ends in an HMAC: what a message merely
// says proves nothing.
const (
	ProvenByAddress   Proof = "address"    // the envelope sender of the letter
	ProvenByMessageID Proof = "message id" // that of the returned letter
	ProvenByLink      Proof = "link"       // the unsubscribe link of the returned letter
)

// Origin is the letter that something came back for.
type Origin struct {
	Proof Proof
	// Notice is the id of a notice; else Issue and Subscriber name a delivery.
	// Issue is 0 where the reader is proven and the issue is not.
	Notice, Issue, Subscriber int64
	// WentTo tells whether the letter went to an address; nil where only the
	// outbox may know.
	WentTo func(address string) bool
}
