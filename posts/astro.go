package posts

func newAstro(d *Directory) (rules, siteFacts, error) { return newPlain(d) }
