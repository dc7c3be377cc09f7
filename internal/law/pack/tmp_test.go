package pack_test
import ("testing";"sanad/packs";"sanad/internal/law/pack")
func TestMAtmp(t *testing.T){ f,_:=packs.Open("ma"); _,err:=pack.Load(f,"ma",packs.Open,kinds(t)); if err!=nil {t.Fatal("\n"+err.Error())} }
