package config

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// secrets reads what the file only points at.
func (b *binder) secrets(c *Config) {
	for i, s := range c.Mail.all() {
		key := "mail.smtp"
		if i > 0 {
			key = fmt.Sprintf("mail.server[%d]", i-1)
		}
		s.Password = b.secret(key, s.PasswordFile, s.PasswordEnv, c.Mail.Transport == "smtp")
	}
	in := &c.Bounce.POP3
	in.Password = b.secret("bounce.pop3", in.PasswordFile, in.PasswordEnv, in.Host != "")
}

// secret reads a password; needed says that it must not be empty.
func (b *binder) secret(table, file, env string, needed bool) Secret {
	switch {
	case file != "" && env != "":
		b.fail(table+".password_env", "give either password_file or password_env, not both")
	case file != "":
		text, err := os.ReadFile(file)
		if err != nil {
			b.fail(table+".password_file", "%v", err)
			return ""
		}
		password := strings.TrimRight(string(text), "\r\n")
		if password == "" && needed {
			b.fail(table+".password_file", "%s is empty: write the password into it", file)
		}
		return Secret(password)
	case env != "" && !variable.MatchString(env):
		// It is most often the password itself, which must not be shown.
		b.fail(table+".password_env", "is no name of a variable: write the name of the one in the environment that holds the password, like \"SMTP_PASSWORD\"")
	case env != "":
		password := Secret(b.getenv(env))
		if password == "" && needed {
			b.fail(table+".password_env", "the environment variable %s is empty or missing", env)
		}
		return password
	}
	return ""
}
