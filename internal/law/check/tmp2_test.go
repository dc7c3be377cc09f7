package check
import ("testing";"os";"sanad/internal/law/pack";"sanad/packs")
func TestTmpBase(t *testing.T){
  id:=os.Getenv("PACKID"); dir:=os.Getenv("PACKDIR")
  p,err:=pack.Load(os.DirFS(dir),id,packs.Open,nil)
  if err!=nil{t.Fatal(err)}
  r,err:=Pack(p,nil); if err!=nil{t.Fatal(err)}
  for _,e:=range r.Findings{t.Logf("FIND %s %s %s %v because=%s", e.Kind,e.Protocol,e.Step,e.Variants,e.Because);for _,s:=range e.Story{t.Logf("      %s %s %v", s.What,s.Name,s.Says)}}
  for _,e:=range r.Explored{t.Logf("%+v",e)}
}
