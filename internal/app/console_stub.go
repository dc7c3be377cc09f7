package app

import (
	"net/http"

	"sanad/internal/kit/web"
)

func (h *house) consoleRoutes(*http.ServeMux, *web.Edge) {}
