package posts

func newPelican(d *Directory) (rules, siteFacts, error) { return newPlain(d) }
