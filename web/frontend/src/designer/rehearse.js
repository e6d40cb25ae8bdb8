import "./rehearse.css";

// Every step loads the page anew; whoever works further down stays there.
const place = "shixian:rehearse";
const kept = sessionStorage.getItem(place);
if (kept && !location.hash) scrollTo(0, Number(kept));
sessionStorage.removeItem(place);
addEventListener("submit", () => sessionStorage.setItem(place, String(scrollY)));

// A what-if goes on by itself, slice by slice, as long as its page is open.
const going = document.querySelector("form[data-goes-on]");
if (going) setTimeout(() => going.requestSubmit(), 200);
