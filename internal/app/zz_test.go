package app
import ("testing";"os")
func TestZZ(t *testing.T){ for _,l:=range []string{"en","ar"} {
 c,o,e:=askProtocol(t,"protocol check",checkCommand,"--pack",os.Getenv("ZP"),"--lang",l); t.Log(c,e,"\n"+o)}
}
