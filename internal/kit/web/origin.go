package web

import "net/http"

// SameOrigin refuses a request that changes something and comes from another site's page, by what browsers say of
// where it comes from (Sec-Fetch-Site, else Origin against Host). A request that says neither comes from no browser
// of these years, and carries no cookie that SameSite would not have held back. trusted are further origins a
// request may come from, as https://host.
func SameOrigin(fail Fail, trusted ...string) (Middleware, error) {
	check := http.NewCrossOriginProtection()
	for _, origin := range trusted {
		err := check.AddTrustedOrigin(origin)
		if err != nil {
			return nil, err
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := check.Check(r)
			if err != nil {
				fail(w, r, errCrossSite.Because(err))
				return
			}
			next.ServeHTTP(w, r)
		})
	}, nil
}
