// A quick way out: the link replaces this page, so that "back" does not lead here again, and Escape pressed twice does the
// same. Without scripts the link is a link.
(function () {
  var link = document.querySelector("[data-leave]");
  if (!link) return;
  function leave() {
    document.documentElement.hidden = true;
    window.location.replace(link.href);
  }
  link.addEventListener("click", function (e) { e.preventDefault(); leave(); });
  var last = -Infinity;
  document.addEventListener("keydown", function (e) {
    if (e.key !== "Escape") return;
    if (e.timeStamp - last < 1000) leave();
    last = e.timeStamp;
  });
})();
