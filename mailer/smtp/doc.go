// Package smtp sends letters over SMTP connections. [New] makes a
// [mailer.Transport] of a [Config]; every connection is dialled, greeted,
// encrypted and logged in by go-mail's client, and then driven here, command by
// command: what matters is to know at any instant whether the server may have
// the letter.
//
// Until the final dot is written nothing was sent. After it only the server's
// answer tells, and silence is told as what it is. After any fault inside of
// DATA the socket is closed without a word: a QUIT or RSET there would become
// part of a letter.
package smtp
