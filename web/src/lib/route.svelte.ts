// Where one is: the path and the query of the address, and nothing else. A link is an ordinary
// link; what leads to another place of the page does not load it anew.

export interface Place {
  path: string;
  query: URLSearchParams;
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

let place = $state.raw<Place>(here());

export function current(): Place {
  return place;
}

// Goes there as a click would. `replace` leaves no step for Back: for filters as they are typed.
export function go(to: string, replace = false): void {
  const target = new URL(to, location.href);
  if (target.origin !== location.origin) {
    location.assign(target);
    return;
  }
  const isOtherPage = target.pathname !== location.pathname;
  if (replace) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  place = here();
  if (isOtherPage) window.scrollTo(0, 0);
}

// Listens on the window for links and for Back. Called once.
export function start(): void {
  window.addEventListener("popstate", () => {
    place = here();
  });
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    const isPlain =
      event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (
      !link ||
      !isPlain ||
      event.defaultPrevented ||
      link.target !== "" ||
      link.hasAttribute("download")
    )
      return;
    const target = new URL(link.href, location.href);
    if (
      target.origin !== location.origin ||
      target.pathname.startsWith("/v1/") ||
      target.pathname === "/openapi.json"
    )
      return;
    if (target.pathname === location.pathname && target.hash !== "") return;
    event.preventDefault();
    go(target.href);
  });
}
