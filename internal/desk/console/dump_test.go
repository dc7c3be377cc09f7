package console_test
import ("testing";"os";"strings";"regexp";"time")
func TestDump(t *testing.T) {
	out := os.Getenv("DUMP"); if out=="" {t.Skip()}
	h := newHouse(t); h.enter("officer")
	file := h.receive("yes", `{"situation":"blackmail","platform":"Une très longue plateforme de partage SuperMegaVideoChatWorldInternational","where":"https://example.org/p/123456789012345678901234567890123456789012345678901234567890","text":"J'ai vu\nune image\n\nهذا نص بالعربية","language":"fr"}`)
	h.legal.move(3*24*time.Hour)
	second := h.receive("no","x"); h.legal.move(100*time.Hour+30*time.Minute); h.receive("no","z")
	_ = second
	css,_ := os.ReadFile("../../kit/web/static/sanad.css")
	re := regexp.MustCompile(`<link rel="stylesheet"[^>]*>`)
	dump := func(name,url string){
		b := h.ask("officer","GET",url,"").body
		b = re.ReplaceAllLiteralString(b, "<style>"+string(css)+"</style>")
		b = strings.ReplaceAll(b,"details open","details")
		if name[0]=='f' { b = strings.ReplaceAll(b,"<details","<details open") }
		os.WriteFile(out+"/"+name+".html",[]byte(b),0o644)
	}
	for _, l := range []string{"fr","ar"} { dump("queue-"+l,"/?lang="+l); }
	h.perform("officer",file,"acknowledge")
	for _, l := range []string{"fr","ar"} { dump("file-"+l,"/file/"+file.String()+"?lang="+l); dump("in-"+l,"/sign-in?lang="+l) }
}
