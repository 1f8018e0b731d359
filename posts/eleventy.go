package posts

func newEleventy(d *Directory) (rules, siteFacts, error) { return newPlain(d) }
