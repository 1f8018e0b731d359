package bounce

import "strings"

// feedback reads a complaint in the Abuse Reporting Format (RFC 5965). Who
// reported it and to whom the letter went may be blacked out: what proves the
// letter is in its own header.
func (m *message) feedback(rep *Report) bool {
	for _, p := range m.leaves {
		if p.media != "message/feedback-report" {
			continue
		}
		h, _ := readGroup(p.bytes())
		rep.Feedback = cut(strings.ToLower(oneLine(h.get("Feedback-Type"))), 40)
		for _, name := range []string{"Original-Mail-From", "Original-Envelope-From"} {
			rep.Original.ReturnPaths = with(rep.Original.ReturnPaths, typed(h.get(name)))
		}
		for _, name := range []string{"Original-Rcpt-To", "Removal-Recipient", "Reported-Recipient"} {
			for _, value := range h.all(name) {
				if a := typed(value); a != "" && len(rep.Recipients) < maxRecipient {
					rep.Recipients = append(rep.Recipients, Recipient{Original: a, Action: Delivered})
				}
			}
		}
		rep.Kind = complaints[rep.Feedback]
		if rep.Kind == "" {
			rep.Kind = Unknown
		}
		return true
	}
	return false
}

// complaints are the feedback types by which a reader says yes or no to a
// letter. What the others tell is for a person: a virus in it, a broken
// signature (RFC 6591), other things.
var complaints = map[string]Kind{
	"abuse": Complaint, "fraud": Complaint, "opt-out": Complaint, "opt-out-list": Complaint, "unsubscribe": Complaint,
	"not-spam": NotSpam,
}
