(function (realm) {});
