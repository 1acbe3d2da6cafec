package shopifytest

// User is a member of a shop's staff, as the token endpoint describes it in
// associated_user. An ID of zero, and so the zero User, stands for the shop's
// owner wherever a user is asked for.
type User struct {
	ID            int64  `json:"id"`
	FirstName     string `json:"first_name"`
	LastName      string `json:"last_name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	AccountOwner  bool   `json:"account_owner"`
	Locale        string `json:"locale"` // "": en
	Collaborator  bool   `json:"collaborator"`
	// Scopes limit what the user may do, and so an online token of this user.
	// "": everything that the app was granted.
	Scopes string `json:"-"`
}

// Name returns first and last name, or the email address where there is none.
func (u User) Name() string {
	switch {
	case u.FirstName != "" && u.LastName != "":
		return u.FirstName + " " + u.LastName
	case u.FirstName+u.LastName != "":
		return u.FirstName + u.LastName
	}
	return u.Email
}

// locale returns the user's language.
func (u User) locale() string {
	if u.Locale == "" {
		return "en"
	}
	return u.Locale
}
